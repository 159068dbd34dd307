// The same where the length of the rows is a multiple of four.

@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;

/** Writes, or adds, out(i, j … j + 3) of a split as far as they are inside: all or none of them. */
fn store(split: u32, i: u32, j: u32, value: vec4f) {
  if (i >= u.m || j >= u.n) { return; }
  let at = placeInOut(split, i, j) / 4u;
  if (u.accumulate != 0u) {
    out[at] += value;
  } else {
    out[at] = value;
  }
}
