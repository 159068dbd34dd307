import { fma } from "../../../tensor/assembly/lib/fma";

/**
 * log2 u of normal positive numbers, lane by lane, relative error 10⁻⁷: u = 2ᵉ·(1 + r) with 1 + r in [√½, √2), and
 * r times a minimax polynomial of degree 8. Exactly 0 for 1.
 */
// @ts-ignore: decorator
@inline
export function log2Unit(u: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(u, i32x4.splat(0x3f3504f3)), 23);
  const r = f32x4.sub(i32x4.sub(u, i32x4.shl(exponent, 23)), f32x4.splat(1));
  let p = fma(f32x4.splat(0.12583711166460018), r, f32x4.splat(-0.20726985215512989));
  p = fma(p, r, f32x4.splat(0.21571562007186465));
  p = fma(p, r, f32x4.splat(-0.23894480795806486));
  p = fma(p, r, f32x4.splat(0.28791624555861317));
  p = fma(p, r, f32x4.splat(-0.3607036833065245));
  p = fma(p, r, f32x4.splat(0.48091064302341735));
  p = fma(p, r, f32x4.splat(-0.7213473467984308));
  p = fma(p, r, f32x4.splat(1.442695003652107));
  return fma(p, r, f32x4.convert_i32x4_s(exponent));
}
