// What the designs have in common.

/** Whether an allowed weight is above 0. */
fn isPositive(bits: u32) -> bool {
  return bits - 1u < 0x7fffffffu;
}

fn weightAt(j: u32) -> f32 {
  return bitcast<f32>(bitsAt(j));
}

/** The key that a row draws from. */
fn keyOf(row: u32) -> vec2u {
  return fold(vec2u(u.k0, u.k1), row);
}

/** ⌈min(1, budget · w) 2^24⌉, at least 1 for a positive weight. */
fn probabilityAt(j: u32) -> u32 {
  if (!isPositive(bitsAt(j))) { return 0u; }
  return max(1u, u32(ceil(min(1.0, u.budget * weightAt(j)) * 0x1p24f)));
}

/** w / q for a weight that is kept with this probability. */
fn estimateAt(j: u32) -> f32 {
  return weightAt(j) / (f32(probabilityAt(j)) * 0x1p-24f);
}
