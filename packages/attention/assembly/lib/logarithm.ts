import { fma } from "../../../tensor/assembly/lib/fma";

/** Writes the constants of `log2Unit` to memory, see `storeExponentialConstants`. */
export function storeLogarithmConstants(at: usize): void {
  v128.store(at, f32x4.splat(0.12583711166460018));
  v128.store(at, f32x4.splat(-0.20726985215512989), 16);
  v128.store(at, f32x4.splat(0.21571562007186465), 32);
  v128.store(at, f32x4.splat(-0.23894480795806486), 48);
  v128.store(at, f32x4.splat(0.28791624555861317), 64);
  v128.store(at, f32x4.splat(-0.3607036833065245), 80);
  v128.store(at, f32x4.splat(0.48091064302341735), 96);
  v128.store(at, f32x4.splat(-0.7213473467984308), 112);
  v128.store(at, f32x4.splat(1.442695003652107), 128);
  v128.store(at, i32x4.splat(0x3f3504f3), 144);
  v128.store(at, f32x4.splat(1), 160);
}

/**
 * log2 u of normal positive numbers, lane by lane, relative error 10⁻⁷: u = 2ᵉ·(1 + r) with 1 + r in [√½, √2), and
 * r times a minimax polynomial of degree 8, from the constants that `storeLogarithmConstants` wrote. Exactly 0 for 1.
 */
// @ts-ignore: decorator
@inline
export function log2Four(u: v128, constants: usize): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(u, v128.load(constants, 144)), 23);
  const r = f32x4.sub(i32x4.sub(u, i32x4.shl(exponent, 23)), v128.load(constants, 160));
  let p = fma(v128.load(constants), r, v128.load(constants, 16));
  p = fma(p, r, v128.load(constants, 32));
  p = fma(p, r, v128.load(constants, 48));
  p = fma(p, r, v128.load(constants, 64));
  p = fma(p, r, v128.load(constants, 80));
  p = fma(p, r, v128.load(constants, 96));
  p = fma(p, r, v128.load(constants, 112));
  p = fma(p, r, v128.load(constants, 128));
  return fma(p, r, f32x4.convert_i32x4_s(exponent));
}
