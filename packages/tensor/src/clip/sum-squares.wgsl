// partial[first + c] = Σ x² over the elements of chunk c, in three places (lib/squares.wgsl).

const WORKGROUP = 256u;
const CHUNK = 4096u;

struct Uniforms { size: u32, first: u32 }

@group(0) @binding(0) var<storage, read_write> partial: array<vec3f>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let chunk = linearWorkgroup(workgroup, workgroups);
  let start = chunk * CHUNK;
  if (start >= u.size) { return; }
  var sum = vec3f(0.0);
  for (var i = start + lane; i < min(start + CHUNK, u.size); i += WORKGROUP) { sum += squareOf(x[i]); }
  let total = vec3f(workgroupSum(sum.x, lane), workgroupSum(sum.y, lane), workgroupSum(sum.z, lane));
  if (lane == 0u) { partial[u.first + chunk] = total; }
}
