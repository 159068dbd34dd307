import { fma, fnma } from "./fma";

/** Bytes of the constants that `expPs` reads. */
export const EXP_BYTES: usize = 64;

/**
 * Writes the constants of `expPs` to `table`. In memory and not in the code, because engines build a vector constant
 * anew at every use, from two integers, which costs more than loading and spreading one number.
 */
export function storeExpConstants(table: usize): void {
  store<f32>(table, 88.72283); // The largest x with a finite eˣ,
  store<f32>(table, -87.33, 4); // and the smallest with a normal one.
  store<f32>(table, 1.4426950408889634, 8); // log₂ e
  store<f32>(table, 12582912.0, 12); // 1.5 · 2²³: adding it rounds to a whole number, which is left in the low bits.
  store<f32>(table, 0.693359375, 16); // ln 2 in two parts, the first with few bits so that n times it is exact.
  store<f32>(table, -0.00021219444005471377, 20);
  store<f32>(table, 0.001384365506812218, 24); // The polynomial, highest degree first.
  store<f32>(table, 0.00837415534899088, 28);
  store<f32>(table, 0.04166800200961275, 32);
  store<f32>(table, 0.1666643126202991, 36);
  store<f32>(table, 0.49999994209143434, 40);
  store<f32>(table, 1.0000000321652474, 44);
  store<f32>(table, 1.0, 48);
}

/**
 * eˣ, lane by lane: x = n·ln 2 + r, a minimax polynomial of degree 6 in r (relative error 2·10⁻⁹, so that rounding decides:
 * at most 2 ulp) and n added to the exponent. Bounded, never 0 or infinity: x ≥ 88.7228 gives about the largest float
 * 3.4·10³⁸, x ≤ −87.33 about the smallest normal one 1.2·10⁻³⁸.
 */
// @ts-ignore: decorator
@inline
export function expPs(x: v128, table: usize): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(table)), v128.load32_splat(table, 4));
  const magic = v128.load32_splat(table, 12);
  const shifted = fma(bounded, v128.load32_splat(table, 8), magic);
  const n = f32x4.sub(shifted, magic);
  const r = fnma(n, v128.load32_splat(table, 20), fnma(n, v128.load32_splat(table, 16), bounded));
  let p = fma(v128.load32_splat(table, 24), r, v128.load32_splat(table, 28));
  p = fma(p, r, v128.load32_splat(table, 32));
  p = fma(p, r, v128.load32_splat(table, 36));
  p = fma(p, r, v128.load32_splat(table, 40));
  p = fma(p, r, v128.load32_splat(table, 44));
  p = fma(p, r, v128.load32_splat(table, 48));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}
