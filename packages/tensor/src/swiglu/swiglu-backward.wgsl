// dGate = dOut up σ (1 + gate (1 − σ)) and dUp = dOut gate σ, with σ = σ(gate)

@group(0) @binding(0) var<storage, read_write> dGate: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dUp: array<vec4f>;
@group(0) @binding(2) var<storage, read> gate: array<vec4f>;
@group(0) @binding(3) var<storage, read> up: array<vec4f>;
@group(0) @binding(4) var<storage, read> dOut: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = vectorOf(workgroup, workgroups, lane);
  if (i >= arrayLength(&dGate)) { return; }
  let x = gate[i];
  let sigma = sigmoid4(x);
  dGate[i] = dOut[i] * up[i] * (sigma * fma(x, 1.0 - sigma, vec4f(1.0)));
  dUp[i] = dOut[i] * (x * sigma);
}
