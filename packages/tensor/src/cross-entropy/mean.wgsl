// out = the mean of the losses, by one workgroup.

struct Uniforms { rows: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> losses: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var t = lane; t < u.rows; t += WORKGROUP) { sum += losses[t]; }
  let total = workgroupSum(sum, lane);
  if (lane == 0u) { out[0] = total / f32(u.rows); }
}
