// out[r, j] = factors[r] x[indices[r], j] for the rows of x from `first` on, as many as `held`; what lies elsewhere is left
// as it is. An index beyond the last row counts as that.

const WORKGROUP = 256u;

struct Uniforms { size: u32, width: u32, first: u32, held: u32, last: u32 }

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
  let r = i / u.width;
  // Unsigned: a row before the first one comes out beyond all.
  let row = min(indices[r], u.last) - u.first;
  if (row < u.held) { out[i] = factorOf(r) * x[row * u.width + i % u.width]; }
}
