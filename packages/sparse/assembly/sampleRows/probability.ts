// Inclusion probabilities q = min(1, c·w) as whole multiples of 2⁻²⁴, which integers and float32 both hold exactly.

/** What a count of entries says when a weight of the row is negative, infinite or NaN. */
export const BAD_ROW: u32 = 0xffffffff;

/** Whether a weight is finite and at least 0. */
// @ts-ignore: decorator
@inline
export function isWeight(w: f32): bool {
  return w >= 0 && w < Infinity;
}

/** ⌈min(1, c·w) · 2²⁴⌉, at least 1 for a positive weight: never 0, so that dividing by it stays exact. */
// @ts-ignore: decorator
@inline
export function probability(w: f32, c: f32): i32 {
  if (w === 0) return 0;
  return max<i32>(1, <i32>Mathf.ceil(min<f32>(1, c * w) * 16777216));
}

/** `probability` of four weights. */
// @ts-ignore: decorator
@inline
export function probabilities(w: v128, c: v128): v128 {
  const q = f32x4.ceil(f32x4.mul(f32x4.pmin(f32x4.splat(1), f32x4.mul(c, w)), f32x4.splat(16777216)));
  const whole = i32x4.max_s(i32x4.trunc_sat_f32x4_s(q), i32x4.splat(1));
  return v128.and(whole, f32x4.gt(w, f32x4.splat(0)));
}

/** The estimate w / q, rounded once. */
// @ts-ignore: decorator
@inline
export function estimate(w: f32, q: i32): f32 {
  return w / ((q as f32) * (1.0 / 16777216.0));
}
