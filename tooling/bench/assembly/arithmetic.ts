import { fma } from "../../../packages/tensor/assembly/lib/fma";

/**
 * A loop of multiply-adds that never leaves the registers: the most that the engine's code can do on this processor.
 * Ten independent chains hide the latency of one. Each of [begin, end) does 80 · rounds operations (10 chains of 4 lanes,
 * a product and a sum each); a part writes 16 bytes at `out + 16 · begin`, so that nothing can be left out.
 *
 * One loop and factors that are no constants, on purpose: with another loop around it, or with constants, V8 keeps the
 * chains in memory, at half the speed.
 */
export function arithmetic(begin: i32, end: i32, scratch: usize, out: usize, rounds: i32, x: f32, y: f32): void {
  const factor = f32x4.splat(x);
  const summand = f32x4.splat(y);
  let a = summand, b = summand, c = summand, d = summand, e = summand;
  let f = summand, g = summand, h = summand, i = summand, j = summand;
  for (let round = (end - begin) * rounds; round > 0; round--) {
    a = fma(a, factor, summand);
    b = fma(b, factor, summand);
    c = fma(c, factor, summand);
    d = fma(d, factor, summand);
    e = fma(e, factor, summand);
    f = fma(f, factor, summand);
    g = fma(g, factor, summand);
    h = fma(h, factor, summand);
    i = fma(i, factor, summand);
    j = fma(j, factor, summand);
  }
  const first = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), e);
  const second = f32x4.add(f32x4.add(f32x4.add(f, g), f32x4.add(h, i)), j);
  v128.store(out + ((<usize>begin) << 4), f32x4.add(first, second));
}
