// out[i] = low + span u_i with u_i uniform on (0, 1] from entry i of the row (k0, k1), i counted from `first`.

struct Uniforms { k0: u32, k1: u32, first: u32, low: f32, span: f32 }

@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

fn uniformAt(i: u32) -> f32 {
  return toUniform(independentBits(vec2u(u.k0, u.k1), u.first + i));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = vectorOf(workgroup, workgroups, lane);
  if (i >= arrayLength(&out)) { return; }
  let j = 4u * i;
  out[i] = u.low + u.span * vec4f(uniformAt(j), uniformAt(j + 1u), uniformAt(j + 2u), uniformAt(j + 3u));
}
