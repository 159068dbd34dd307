// The terms of a plain sum over the rows, for column-sums.wgsl.

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn term(row: u32, at: u32) -> f32 {
  return x[at];
}
