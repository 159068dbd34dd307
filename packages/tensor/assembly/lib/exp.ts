import { fma, fnma } from "./fma";

/**
 * 2ˣ, lane by lane: x = n + f with |f| ≤ ½, a minimax polynomial of degree 6 in f (relative error 2·10⁻⁹, so that
 * rounding decides: at most 2 ulp) and n added to the exponent. x ≥ 128 gives infinity, x ≤ −126 about 2⁻¹²⁶, never 0.
 */
// @ts-ignore: decorator
@inline
export function exp2Ps(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(128.0)), f32x4.splat(-126.0));
  const n = f32x4.nearest(bounded);
  const f = f32x4.sub(bounded, n);
  let p = fma(f32x4.splat(0.00015353362586740125), f, f32x4.splat(0.0013398874424442413));
  p = fma(p, f, f32x4.splat(0.009618437355212029));
  p = fma(p, f, f32x4.splat(0.05550332471090873));
  p = fma(p, f, f32x4.splat(0.24022647913649262));
  p = fma(p, f, f32x4.splat(0.6931472028550919));
  p = fma(p, f, f32x4.splat(1.0));
  return i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
}

/**
 * eˣ, lane by lane: x = n·ln 2 + r with ln 2 in two parts, a minimax polynomial of degree 6 in r (relative error
 * 2·10⁻⁹: at most 2 ulp after rounding). Bounded, never 0 or infinity: x ≥ 88.7228 gives about the largest float
 * 3.4·10³⁸, x ≤ −87.33 about the smallest normal one 1.2·10⁻³⁸.
 */
// @ts-ignore: decorator
@inline
export function expPs(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.72283)), f32x4.splat(-87.33));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.4426950408889634)));
  const r = fnma(n, f32x4.splat(-0.00021219444005471377), fnma(n, f32x4.splat(0.693359375), bounded));
  let p = fma(f32x4.splat(0.001384365506812218), r, f32x4.splat(0.00837415534899088));
  p = fma(p, r, f32x4.splat(0.04166800200961275));
  p = fma(p, r, f32x4.splat(0.1666643126202991));
  p = fma(p, r, f32x4.splat(0.49999994209143434));
  p = fma(p, r, f32x4.splat(1.0000000321652474));
  p = fma(p, r, f32x4.splat(1.0));
  return i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
}
