// Where operands.wgsl writes, of any shape.

@group(0) @binding(0) var<storage, read_write> out: array<f32>;

/** Writes, or adds, out(i, j) of a split; j is below n. */
fn storeOne(split: u32, i: u32, j: u32, value: f32) {
  if (i >= u.m) { return; }
  let at = placeInOut(split, i, j);
  if (u.accumulate != 0u) {
    out[at] += value;
  } else {
    out[at] = value;
  }
}

/** The same for out(i, j … j + 3), as far as they are inside. */
fn store(split: u32, i: u32, j: u32, value: vec4f) {
  for (var c = 0u; c < min(4u, max(u.n, j) - j); c++) { storeOne(split, i, j + c, value[c]); }
}
