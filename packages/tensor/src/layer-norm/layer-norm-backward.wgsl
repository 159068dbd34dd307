// dx = rstd (g − average(g) − x̂ average(g x̂)) a row, with g = dOut gain and x̂ = (x − mean) rstd.

struct Uniforms { rows: u32, width: u32 }

@group(0) @binding(0) var<storage, read_write> dx: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read> rstds: array<f32>;
@group(0) @binding(5) var<storage, read> dOut: array<f32>;
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
  let mean = means[row];
  let rstd = rstds[row];
  var sum = 0.0;
  var along = 0.0;
  for (var j = lane; j < u.width; j += WORKGROUP) {
    let g = dOut[start + j] * gain[j];
    sum += g;
    along = fma(g, (x[start + j] - mean) * rstd, along);
  }
  let average = workgroupSum(sum, lane) / f32(u.width);
  let slope = workgroupSum(along, lane) / f32(u.width);
  for (var j = lane; j < u.width; j += WORKGROUP) {
    let normal = (x[start + j] - mean) * rstd;
    dx[start + j] = rstd * ((dOut[start + j] * gain[j] - average) - normal * slope);
  }
}
