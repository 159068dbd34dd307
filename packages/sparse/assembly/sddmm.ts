import { fma } from "../../tensor/assembly/lib/fma";
import { at, rowOf, valueAt } from "./lib/rows";

/**
 * out[p] = times[p] · (a_i · b_j − minus_i) for the entries p = (i, j) in [begin, end) of a CSR pattern; `times` and
 * `minus` may be 0, which leaves them out. Every dot product is summed in the same order wherever the range is cut.
 */
export function sddmm(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, indices: usize, a: usize, b: usize, times: usize, minus: usize, out: usize,
  rows: u32, k: u32,
): void {
  const stride = (k as usize) << 2;
  let p = begin as u32;
  const last = end as u32;
  let row = rowOf(indptr, rows, p);
  while (p < last) {
    const stop = min(at(indptr, row + 1), last);
    const aRow = a + (row as usize) * stride;
    const offset: f32 = minus ? valueAt(minus, row) : 0;
    for (; p + 4 <= stop; p += 4) {
      let dots = f32x4.sub(fourDots(aRow, b, indices + ((p as usize) << 2), stride), f32x4.splat(offset));
      if (times) dots = f32x4.mul(dots, v128.load(times + ((p as usize) << 2)));
      v128.store(out + ((p as usize) << 2), dots);
    }
    for (; p < stop; p++) {
      let value = dot(aRow, b + (at(indices, p) as usize) * stride, stride) - offset;
      if (times) value *= valueAt(times, p);
      store<f32>(out + ((p as usize) << 2), value);
    }
    row++;
  }
}

/** a · b: four lanes over k, then (lane 0 + lane 1) + (lane 2 + lane 3). */
function dot(a: usize, b: usize, stride: usize): f32 {
  let sum = f32x4.splat(0);
  const whole = stride & ~15;
  for (let t: usize = 0; t < whole; t += 16) sum = fma(v128.load(a + t), v128.load(b + t), sum);
  if (whole < stride) sum = fma(loadRest(a + whole, stride - whole), loadRest(b + whole, stride - whole), sum);
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/** The dot products of one row of a with four rows of b, each summed as `dot` does. */
// @ts-ignore: decorator
@inline
function fourDots(a: usize, b: usize, indices: usize, stride: usize): v128 {
  const b0 = b + (load<u32>(indices) as usize) * stride;
  const b1 = b + (load<u32>(indices, 4) as usize) * stride;
  const b2 = b + (load<u32>(indices, 8) as usize) * stride;
  const b3 = b + (load<u32>(indices, 12) as usize) * stride;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const whole = stride & ~15;
  for (let t: usize = 0; t < whole; t += 16) {
    const x = v128.load(a + t);
    s0 = fma(x, v128.load(b0 + t), s0);
    s1 = fma(x, v128.load(b1 + t), s1);
    s2 = fma(x, v128.load(b2 + t), s2);
    s3 = fma(x, v128.load(b3 + t), s3);
  }
  if (whole < stride) {
    const rest = stride - whole;
    const x = loadRest(a + whole, rest);
    s0 = fma(x, loadRest(b0 + whole, rest), s0);
    s1 = fma(x, loadRest(b1 + whole, rest), s1);
    s2 = fma(x, loadRest(b2 + whole, rest), s2);
    s3 = fma(x, loadRest(b3 + whole, rest), s3);
  }
  return sumLanes(s0, s1, s2, s3);
}

/** Four vectors to the vector of their sums, (lane 0 + lane 1) + (lane 2 + lane 3) each. */
// @ts-ignore: decorator
@inline
function sumLanes(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const low = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 2, 4, 6), v128.shuffle<f32>(s0, s1, 1, 3, 5, 7));
  const high = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 2, 4, 6), v128.shuffle<f32>(s2, s3, 1, 3, 5, 7));
  return f32x4.add(v128.shuffle<f32>(low, high, 0, 2, 4, 6), v128.shuffle<f32>(low, high, 1, 3, 5, 7));
}

/** The last one to three floats of a row, zeros after them. */
// @ts-ignore: decorator
@inline
function loadRest(pointer: usize, bytes: usize): v128 {
  if (bytes === 4) return v128.load32_zero(pointer);
  const two = v128.load64_zero(pointer);
  return bytes === 8 ? two : f32x4.replace_lane(two, 2, load<f32>(pointer, 8));
}
