// dx = dOut (σ + x σ (1 − σ) d(2v)/dx)

@group(0) @binding(0) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dOut: array<vec4f>;

fn slopeOf(x: vec4f) -> vec4f {
  let sigma = gateOf(x);
  let inner = x * fma(x * x, vec4f(3.0 * CUBIC), vec4f(LINEAR));
  return fma(inner, sigma * (1.0 - sigma), sigma);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = vectorOf(workgroup, workgroups, lane);
  if (i < arrayLength(&dx)) { dx[i] = dOut[i] * slopeOf(x[i]); }
}
