// out[indices[r], j] = x[r, j] for the rows of out from `first` on, as many as `held`.

const WORKGROUP = 256u;

struct Uniforms { size: u32, width: u32, first: u32, held: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (i >= u.size) { return; }
  // Unsigned: a row before the first one comes out beyond all.
  let row = indices[i / u.width] - u.first;
  if (row < u.held) { out[row * u.width + i % u.width] = x[i]; }
}
