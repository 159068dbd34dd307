// Sums of blocks become what the blocks after each sum to, or where rows see all keys what all blocks sum to: a thread a
// vector of a key head.

@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linearWorkgroup(workgroup, workgroups) * TEAM * TEAMS + lane;
  let blocks = (u.length + BLOCK - 1u) / BLOCK;
  if (index >= u.heads / u.queryHeads * u.keyHeads * u.depth) { return; }
  let first = index / u.depth * blocks * u.depth + index % u.depth;
  var carry = vec4f(0.0);
  for (var block = blocks; block > 0u; block--) {
    let place = first + (block - 1u) * u.depth;
    let sum = sums[place];
    sums[place] = carry;
    carry += sum;
  }
  if (u.causal != 0u) { return; }
  for (var block = 0u; block < blocks; block++) { sums[first + block * u.depth] = carry; }
}
