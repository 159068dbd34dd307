// One step of AdamW: m and v are the running averages of the gradient and of its square; what depends on the step alone,
// stepSize = η/(1 − β₁ᵗ), rootCorrection = 1/√(1 − β₂ᵗ) and keep = 1 − η λ, comes from the host.

struct Uniforms {
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, stepSize: f32, rootCorrection: f32, epsilon: f32, keep: f32,
}

@group(0) @binding(0) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> gradient: array<vec4f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = vectorOf(workgroup, workgroups, lane);
  if (i >= arrayLength(&parameter)) { return; }
  let g = gradient[i];
  let mean = u.beta1 * m[i] + u.rest1 * g;
  let square = u.beta2 * v[i] + u.rest2 * (g * g);
  m[i] = mean;
  v[i] = square;
  parameter[i] = parameter[i] * u.keep - u.stepSize * mean / (sqrt(square) * u.rootCorrection + u.epsilon);
}
