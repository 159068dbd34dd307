// out = (x − mean) rstd gain + bias a row, with rstd = 1/√(variance + ε).

struct Uniforms { rows: u32, width: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read_write> means: array<f32>;
@group(0) @binding(2) var<storage, read_write> rstds: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> gain: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
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
  var sum = 0.0;
  for (var j = lane; j < u.width; j += WORKGROUP) { sum += x[start + j]; }
  let mean = workgroupSum(sum, lane) / f32(u.width);
  // A second pass: the difference of averages would lose its digits where the mean is large.
  var squares = 0.0;
  for (var j = lane; j < u.width; j += WORKGROUP) {
    let deviation = x[start + j] - mean;
    squares = fma(deviation, deviation, squares);
  }
  let rstd = 1.0 / sqrt(workgroupSum(squares, lane) / f32(u.width) + u.epsilon);
  if (lane == 0u) {
    means[row] = mean;
    rstds[row] = rstd;
  }
  for (var j = lane; j < u.width; j += WORKGROUP) {
    out[start + j] = fma((x[start + j] - mean) * rstd, gain[j], bias[j]);
  }
}
