import { fma } from "../../../tensor/assembly/lib/fma";

/** The sum of the four lanes of each of four vectors, as one vector. */
// @ts-ignore: decorator
@inline
export function sumEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 2, 6), v128.shuffle<f32>(a, b, 1, 5, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 2, 6), v128.shuffle<f32>(c, d, 1, 5, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** The inner product of two vectors of d elements. */
export function dot(a: usize, b: usize, d: i32): f32 {
  let sums = f32x4.splat(0);
  let t = 0;
  for (; t + 4 <= d; t += 4) {
    sums = fma(v128.load(a), v128.load(b), sums);
    a += 16;
    b += 16;
  }
  sums = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 0, 1));
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1);
  for (; t < d; t++) {
    sum += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return sum;
}

/** The inner products of one vector with four others. */
// @ts-ignore: decorator
@inline
export function dotFour(x: usize, a: usize, b: usize, c: usize, e: usize, d: i32): v128 {
  let sa = f32x4.splat(0), sb = f32x4.splat(0), sc = f32x4.splat(0), se = f32x4.splat(0);
  const whole = ((d & ~3) as usize) << 2;
  for (let t: usize = 0; t < whole; t += 16) {
    const y = v128.load(x + t);
    sa = fma(y, v128.load(a + t), sa);
    sb = fma(y, v128.load(b + t), sb);
    sc = fma(y, v128.load(c + t), sc);
    se = fma(y, v128.load(e + t), se);
  }
  let sums = sumEach(sa, sb, sc, se);
  for (let t = whole; t < (d as usize) << 2; t += 4) {
    let others = v128.load32_zero(a + t);
    others = v128.load32_lane(b + t, others, 1);
    others = v128.load32_lane(c + t, others, 2);
    others = v128.load32_lane(e + t, others, 3);
    sums = fma(v128.load32_splat(x + t), others, sums);
  }
  return sums;
}

/** Bytes of an entry of a list for `weightedSum`: an offset, and two coefficients. */
// @ts-ignore: decorator
@inline
export const ENTRY: usize = 12;

/**
 * `out[d] = factor · Σ coefficient · row[d]` over a list of `count` entries: the row of an entry starts `offset` bytes
 * behind `base`, its coefficient is the one `which` bytes into the entry. Eight sums stay in registers.
 */
export function weightedSum(out: usize, list: usize, which: usize, count: i32, base: usize, d: i32, factor: f32): void {
  const end = list + (count as usize) * ENTRY;
  const factors = f32x4.splat(factor);
  let t = 0;
  for (; t + 32 <= d; t += 32) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    for (let entry = list; entry < end; entry += ENTRY) {
      const row = base + load<u32>(entry);
      const c = v128.load32_splat(entry + which);
      s0 = fma(c, v128.load(row), s0);
      s1 = fma(c, v128.load(row, 16), s1);
      s2 = fma(c, v128.load(row, 32), s2);
      s3 = fma(c, v128.load(row, 48), s3);
      s4 = fma(c, v128.load(row, 64), s4);
      s5 = fma(c, v128.load(row, 80), s5);
      s6 = fma(c, v128.load(row, 96), s6);
      s7 = fma(c, v128.load(row, 112), s7);
    }
    v128.store(out, f32x4.mul(s0, factors));
    v128.store(out, f32x4.mul(s1, factors), 16);
    v128.store(out, f32x4.mul(s2, factors), 32);
    v128.store(out, f32x4.mul(s3, factors), 48);
    v128.store(out, f32x4.mul(s4, factors), 64);
    v128.store(out, f32x4.mul(s5, factors), 80);
    v128.store(out, f32x4.mul(s6, factors), 96);
    v128.store(out, f32x4.mul(s7, factors), 112);
    base += 128;
    out += 128;
  }
  for (; t + 4 <= d; t += 4) {
    let s = f32x4.splat(0);
    for (let entry = list; entry < end; entry += ENTRY) {
      s = fma(v128.load32_splat(entry + which), v128.load(base + load<u32>(entry)), s);
    }
    v128.store(out, f32x4.mul(s, factors));
    base += 16;
    out += 16;
  }
  for (; t < d; t++) {
    let s: f32 = 0;
    for (let entry = list; entry < end; entry += ENTRY) s += load<f32>(entry + which) * load<f32>(base + load<u32>(entry));
    store<f32>(out, s * factor);
    base += 4;
    out += 4;
  }
}
