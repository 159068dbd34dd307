// out[t, j] = x[t, j] + bias[j], an element a thread.

const WORKGROUP = 256u;

struct Uniforms { size: u32, width: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (i < u.size) { out[i] = x[i] + bias[i % u.width]; }
}
