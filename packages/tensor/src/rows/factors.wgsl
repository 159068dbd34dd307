// The factors of gather.wgsl, one a row.

@group(0) @binding(3) var<storage, read> factors: array<f32>;

fn factorOf(r: u32) -> f32 {
  return factors[r];
}
