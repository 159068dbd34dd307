// Notes the first value that is not allowed, of the first row that was refused, and lets refused rows keep nothing. One
// workgroup looks through some rows.

const WORKGROUP = 256u;
const NONE = 0xffffffffu;
const REFUSED = 0xffffffffu;

struct Uniforms { rows: u32, firstRow: u32, columns: u32, record: u32 }

@group(0) @binding(0) var<storage, read_write> counts: array<u32>;
@group(0) @binding(1) var<storage, read> dense: array<u32>;
@group(0) @binding(2) var<storage, read_write> faults: array<vec4u>;
@group(1) @binding(0) var<uniform> u: Uniforms;

var<workgroup> firstRow: atomic<u32>;
var<workgroup> firstColumn: atomic<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) {
    atomicStore(&firstRow, NONE);
    atomicStore(&firstColumn, NONE);
  }
  workgroupBarrier();
  for (var row = lane; row < u.rows; row += WORKGROUP) {
    if (counts[row] != REFUSED) { continue; }
    atomicMin(&firstRow, row);
    counts[row] = 0u;
  }
  workgroupBarrier();
  let row = atomicLoad(&firstRow);
  for (var column = lane; row != NONE && column < u.columns; column += WORKGROUP) {
    if (isAllowed(dense[row * u.columns + column])) { continue; }
    atomicMin(&firstColumn, column);
    break;
  }
  workgroupBarrier();
  let column = atomicLoad(&firstColumn);
  if (lane == 0u && row != NONE && faults[2u * u.record].x == 0u) {
    faults[2u * u.record] = vec4u(1u, u.firstRow + row, column, dense[row * u.columns + column]);
  }
}
