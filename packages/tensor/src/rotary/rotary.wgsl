// Turns the pairs (x_i, x_{i + d/2}) of every head by the angle of their position, a pair a thread. The angle of position
// p is that of 64 ⌊p/64⌋ (coarse) plus that of p mod 64 (fine), complex numbers of d/2 pairs a row that are multiplied
// here: exact tables of all positions would be large, and the language's own sine is not good at large angles.

const WORKGROUP = 256u;
const FINE = 64u;

struct Uniforms { rows: u32, first: u32, n: u32, heads: u32, half: u32, direction: f32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> coarse: array<vec2f>;
@group(0) @binding(3) var<storage, read> fine: array<vec2f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

fn product(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.y * b.x + a.x * b.y);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let pair = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  let row = pair / u.half;
  if (row >= u.rows) { return; }
  let i = pair % u.half;
  let position = ((u.first + row) / u.heads) % u.n;
  let turn = product(coarse[position / FINE * u.half + i], fine[position % FINE * u.half + i]);
  let at = row * 2u * u.half + i;
  let turned = product(vec2f(x[at], x[at + u.half]), vec2f(turn.x, u.direction * turn.y));
  out[at] = turned.x;
  out[at + u.half] = turned.y;
}
