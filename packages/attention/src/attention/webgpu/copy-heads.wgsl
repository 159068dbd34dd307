// out[row, t] = x[row, t] for some rows, whose strides and places in a row differ, and zeros from column `inWidth` on; or
// added to what is there. A thread an element.

struct Uniforms {
  rows: u32, accumulate: u32,
  outRow: u32, outStride: u32, outSkip: u32, outWidth: u32,
  inRow: u32, inStride: u32, inSkip: u32, inWidth: u32,
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  let row = i / u.outWidth;
  let t = i % u.outWidth;
  if (row >= u.rows) { return; }
  var value = 0.0;
  if (t < u.inWidth) { value = x[(u.inRow + row) * u.inStride + u.inSkip + t]; }
  let to = (u.outRow + row) * u.outStride + u.outSkip + t;
  if (u.accumulate != 0u) { value += out[to]; }
  out[to] = value;
}
