// out = gate σ(gate) up

@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(1) var<storage, read> gate: array<vec4f>;
@group(0) @binding(2) var<storage, read> up: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = vectorOf(workgroup, workgroups, lane);
  if (i < arrayLength(&out)) { out[i] = gate[i] * sigmoid4(gate[i]) * up[i]; }
}
