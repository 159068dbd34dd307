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
