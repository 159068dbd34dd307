// counts[digit, block] = how many entries of a block have a digit: whole numbers, so the order of adding does not show.

@group(0) @binding(0) var<storage, read_write> counts: array<u32>;
@group(0) @binding(1) var<storage, read> ends: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;

var<workgroup> histogram: array<atomic<u32>, 256>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = linearWorkgroup(workgroup, workgroups);
  let first = block * ROUNDS * WORKGROUP;
  if (first >= u.entries) { return; }
  atomicStore(&histogram[lane], 0u);
  workgroupBarrier();
  for (var round = 0u; round < ROUNDS; round++) {
    let at = first + round * WORKGROUP + lane;
    if (at < u.entries && u.firstEntry + at < ends[u.end]) { atomicAdd(&histogram[digitOf(columns[at])], 1u); }
  }
  workgroupBarrier();
  if (lane < 1u << BITS) { counts[lane * u.blocks + u.firstBlock + block] = atomicLoad(&histogram[lane]); }
}
