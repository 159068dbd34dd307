// counts[row] = how many entries are kept, at most `most`; REFUSED where a value is not allowed.

const REFUSED = 0xffffffffu;

@group(0) @binding(1) var<storage, read_write> counts: array<u32>;

var<workgroup> refused: atomic<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups);
  if (row >= u.rows) { return; }
  rowStart = row * u.columns;
  beginRow(u.firstRow + row, lane);
  let strip = stripOf(lane);
  beginStrip();
  var kept = 0u;
  var allowed = true;
  for (var j = strip.begin; j < strip.end; j++) {
    allowed = allowed && isAllowed(bitsAt(j));
    kept += u32(keeps(j));
  }
  if (lane == 0u) { atomicStore(&refused, 0u); }
  let total = workgroupPrefix(kept, lane).total;
  if (!allowed) { atomicStore(&refused, 1u); }
  workgroupBarrier();
  if (lane == 0u) { counts[row] = select(min(total, u.most), REFUSED, atomicLoad(&refused) != 0u); }
}
