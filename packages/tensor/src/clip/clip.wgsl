// x = x factor; reads and writes nothing where the factor is 1.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> factor: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = vectorOf(workgroup, workgroups, lane);
  if (factor[0] != 1.0 && i < arrayLength(&x)) { x[i] *= factor[0]; }
}
