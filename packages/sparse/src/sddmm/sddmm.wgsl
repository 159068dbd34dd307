// out[p] = times[p] (a_i · b_j − minus_i) at the entries p = (i, j). TEAM threads walk along one dot product, so that they
// read whole rows of b together, and their sums meet in workgroup memory, in order. A team takes SHARE entries in turn.
//
// Bound are some rows of the pattern and of a, some entries and some rows of b; other entries are left as they are.

override TEAM: u32 = 16;
override TIMES: u32 = 0;
override MINUS: u32 = 0;

const WORKGROUP = 256u;
const SHARE = 4u;

struct Uniforms { rows: u32, firstEntry: u32, entries: u32, firstColumn: u32, columns: u32, width: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> a: array<Value>;
@group(0) @binding(4) var<storage, read> b: array<Value>;
@group(0) @binding(5) var<storage, read> times: array<f32>;
@group(0) @binding(6) var<storage, read> minus: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

var<workgroup> sums: array<f32, WORKGROUP * SHARE>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = WORKGROUP / TEAM * SHARE;
  let first = u.firstEntry + linearWorkgroup(workgroup, workgroups) * block;
  let begin = max(first, indptr[0]);
  let end = min(min(first + block, u.firstEntry + u.entries), indptr[u.rows]);
  if (begin >= end) { return; }
  let low = rowBetween(begin, 0u, u.rows);
  let high = rowBetween(end - 1u, low, u.rows) + 1u;

  for (var entry = lane / TEAM; entry < block; entry += WORKGROUP / TEAM) {
    let p = first + entry;
    if (p < begin || p >= end) { continue; }
    let column = indices[p - u.firstEntry] - u.firstColumn;
    if (column >= u.columns) { continue; }
    let row = rowBetween(p, low, high);
    var sum = 0.0;
    for (var t = lane % TEAM; t < u.width; t += TEAM) {
      sum += inner(a[row * u.width + t], b[column * u.width + t]);
    }
    sums[lane % TEAM * block + entry] = sum;
  }
  workgroupBarrier();

  for (var entry = lane; entry < block; entry += WORKGROUP) {
    let p = first + entry;
    if (p < begin || p >= end) { continue; }
    let at = p - u.firstEntry;
    if (indices[at] - u.firstColumn >= u.columns) { continue; }
    var value = 0.0;
    for (var t = 0u; t < TEAM; t++) { value += sums[t * block + entry]; }
    if (MINUS != 0u) { value -= minus[rowBetween(p, low, high)]; }
    if (TIMES != 0u) { value *= times[at]; }
    out[at] = value;
  }
}
