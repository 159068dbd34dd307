// out[t] = √Σ_j x[t, j]²

struct Uniforms { rows: u32, width: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups);
  if (row >= u.rows) { return; }
  var sum = vec3f(0.0);
  for (var j = lane; j < u.width; j += WORKGROUP) { sum += squareOf(x[row * u.width + j]); }
  let total = vec3f(workgroupSum(sum.x, lane), workgroupSum(sum.y, lane), workgroupSum(sum.z, lane));
  if (lane == 0u) { out[row] = rootOf(total); }
}
