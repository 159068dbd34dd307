// sums[block] = Σ β_i dO_i over the rows of a block.

@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(1) var<storage, read> beta: array<f32>;
@group(0) @binding(2) var<storage, read> dOut: array<vec4f>;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linearWorkgroup(workgroup, workgroups) * TEAMS + lane / TEAM;
  let block = blockOf(index);
  if (!block.exists) { return; }
  for (var p = lane % TEAM; p < u.depth; p += TEAM) {
    var sum = vec4f(0.0);
    for (var row = block.end; row > block.first; row--) { sum += rowTerm(block.keyHead, row - 1u, p); }
    sums[index * u.depth + p] = sum;
  }
}
