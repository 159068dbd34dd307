// norm = √Σ partial and factor = min(1, maxNorm/norm), by one workgroup.

const WORKGROUP = 256u;

struct Uniforms { count: u32, maxNorm: f32 }

@group(0) @binding(0) var<storage, read_write> norm: array<f32>;
@group(0) @binding(1) var<storage, read_write> factor: array<f32>;
@group(0) @binding(2) var<storage, read> partial: array<vec3f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = vec3f(0.0);
  for (var c = lane; c < u.count; c += WORKGROUP) { sum += partial[c]; }
  let total = vec3f(workgroupSum(sum.x, lane), workgroupSum(sum.y, lane), workgroupSum(sum.z, lane));
  if (lane != 0u) { return; }
  let root = rootOf(total);
  norm[0] = root;
  factor[0] = select(1.0, u.maxNorm / root, root > u.maxNorm);
}
