// One function of lib/exp.wgsl and lib/log.wgsl, which the part before calls `evaluate`.

@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearWorkgroup(workgroup, workgroups) * 64u + lane;
  if (i < arrayLength(&out)) { out[i] = evaluate(x[i]); }
}
