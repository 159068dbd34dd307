// out = x rstd gain a row, with rstd = 1/√(average(x²) + ε).

struct Uniforms { rows: u32, width: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read_write> rstds: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> gain: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups);
  if (row >= u.rows) { return; }
  let start = row * u.width;
  var squares = 0.0;
  for (var j = lane; j < u.width; j += WORKGROUP) { squares = fma(x[start + j], x[start + j], squares); }
  let rstd = 1.0 / sqrt(workgroupSum(squares, lane) / f32(u.width) + u.epsilon);
  if (lane == 0u) { rstds[row] = rstd; }
  for (var j = lane; j < u.width; j += WORKGROUP) { out[start + j] = x[start + j] * rstd * gain[j]; }
}
