// out[b, j] = the sum of the terms of column j in the b-th block of rows, in order: a thread a column and block. The part
// before says what the terms are.

const WORKGROUP = 64u;
const BLOCK = 64u;

struct Uniforms { rows: u32, width: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let strips = (u.width + WORKGROUP - 1u) / WORKGROUP;
  let at = linearWorkgroup(workgroup, workgroups);
  let block = at / strips;
  let column = (at % strips) * WORKGROUP + lane;
  let first = block * BLOCK;
  if (first >= u.rows || column >= u.width) { return; }
  var sum = 0.0;
  for (var row = first; row < min(first + BLOCK, u.rows); row++) { sum += term(row, row * u.width + column); }
  out[block * u.width + column] = sum;
}
