import { fma } from "../../../tensor/assembly/lib/fma";

// The softmax works in base 2: log2 e is folded into the scale of the scores.

/** log2 e, the scale that turns natural exponents into binary ones. */
// @ts-ignore: decorator
@inline
export const LOG2_E: f64 = 1.4426950408889634;

/**
 * Writes the constants of `exp2` to memory, whence the loops load them into registers: as literals the engine would
 * rebuild each of them, by three instructions, in every iteration.
 */
export function storeExponentialConstants(at: usize): void {
  v128.store(at, f32x4.splat(0.001326472725267608));
  v128.store(at, f32x4.splat(0.009671512785778031), 16);
  v128.store(at, f32x4.splat(0.05550733744471067), 32);
  v128.store(at, f32x4.splat(0.2402224208311181), 48);
  v128.store(at, f32x4.splat(0.693146977597679), 64);
  v128.store(at, f32x4.splat(1.0), 80);
  v128.store(at, f32x4.splat(SHIFTER), 96);
  v128.store(at, f32x4.splat(-126.0), 112);
}

/** Adding 1.5·2²³ to a small number leaves the nearest integer in the low bits. */
// @ts-ignore: decorator
@inline
export const SHIFTER: f32 = 12582912.0;

/** Whole numbers below this can be taken from `SHIFTER` and leave it exact and far from a change of exponent. */
// @ts-ignore: decorator
@inline
export const FARTHEST: f32 = 4194304.0;

/**
 * 2^(x − p) for a whole p below `FARTHEST` and x ≤ p + 127, lane by lane: relative error 2·10⁻⁷, exactly 0 for
 * x < p − 126 and for −∞, NaN for NaN. `shifter` is SHIFTER − p, so that the low bits get the exponent, `lowest` is
 * p − 126; what is left of x, in [−½, ½], goes through a minimax polynomial of degree 5, whose coefficients
 * `storeExponentialConstants` has written.
 */
// @ts-ignore: decorator
@inline
export function exp2Shifted(x: v128, shifter: v128, lowest: v128, constants: usize): v128 {
  const shifted = f32x4.add(x, shifter);
  const rest = f32x4.sub(x, f32x4.sub(shifted, shifter));
  let p = fma(v128.load(constants), rest, v128.load(constants, 16));
  p = fma(p, rest, v128.load(constants, 32));
  p = fma(p, rest, v128.load(constants, 48));
  p = fma(p, rest, v128.load(constants, 64));
  p = fma(p, rest, v128.load(constants, 80));
  const scaled = i32x4.add(p, i32x4.shl(shifted, 23));
  return v128.andnot(scaled, f32x4.lt(x, lowest));
}

/** 2ˣ for x ≤ 127, lane by lane: `exp2Shifted` with p = 0. */
// @ts-ignore: decorator
@inline
export function exp2(x: v128, constants: usize): v128 {
  return exp2Shifted(x, v128.load(constants, 96), v128.load(constants, 112), constants);
}

/** `exp2` of one number. */
export function exp2Scalar(x: f32, constants: usize): f32 {
  return f32x4.extract_lane(exp2(f32x4.splat(x), constants), 0);
}

/** log2 x for a positive x, by the series of the inverse hyperbolic tangent in float64; −∞ for 0, NaN for NaN. */
export function log2(x: f32): f64 {
  if (x == 0) return -f64.MAX_VALUE * 2;
  if (!(x < f32.MAX_VALUE)) return x as f64;
  const bits = reinterpret<u64>(x as f64);
  let exponent = ((bits >> 52) as i32) - 1023;
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  const y = (mantissa - 1) / (mantissa + 1);
  const z = y * y;
  let series = 1.0 / 13.0;
  series = series * z + 1.0 / 11.0;
  series = series * z + 1.0 / 9.0;
  series = series * z + 1.0 / 7.0;
  series = series * z + 1.0 / 5.0;
  series = series * z + 1.0 / 3.0;
  series = series * z + 1.0;
  return (exponent as f64) + 2 * LOG2_E * y * series;
}
