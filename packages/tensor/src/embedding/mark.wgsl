// For every token that occurs, where first and where last: marks[2v] = the count less the first position, marks[2v + 1] =
// the last position plus 1; zero where it does not. The largest of numbers is the same in any order.

const WORKGROUP = 256u;

struct Uniforms { count: u32, vocabulary: u32 }

@group(0) @binding(0) var<storage, read_write> marks: array<atomic<u32>>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let t = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (t >= u.count || tokens[t] >= u.vocabulary) { return; }
  let v = tokens[t];
  atomicMax(&marks[2u * v], u.count - t);
  atomicMax(&marks[2u * v + 1u], t + 1u);
}
