import { loadLanes, storeLanes } from "./lib/lanes";

/** out[t] = √Σ_j x[t, j]² for the rows t in [begin, end), summed in float64: nothing overflows, and no row that is not 0 gets 0. */
export function rowNorms(begin: i32, end: i32, _scratch: usize, x: usize, out: usize, width: i32): void {
  const row = (width as usize) << 2;
  for (let t = begin; t < end; t++) {
    const from = x + (t as usize) * row;
    let low = f64x2.splat(0), high = low;
    let j: usize = 0;
    for (; j + 16 <= row; j += 16) {
      const v = v128.load(from + j);
      const a = f64x2.promote_low_f32x4(v), b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    low = f64x2.add(low, high);
    let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    for (; j < row; j += 4) {
      const value = load<f32>(from + j) as f64;
      sum += value * value;
    }
    store<f32>(out + ((t as usize) << 2), sqrt(sum) as f32);
  }
}

/** out[r] = x[indices[r]], a row each, times factors[r] where `factors` is not 0; for r in [begin, end). */
export function gatherRows(
  begin: i32, end: i32, _scratch: usize, x: usize, indices: usize, factors: usize, out: usize, width: i32,
): void {
  const row = (width as usize) << 2;
  for (let r = begin; r < end; r++) {
    const at = (r as usize) << 2;
    const from = x + (load<u32>(indices + at) as usize) * row, to = out + (r as usize) * row;
    if (factors == 0) memory.copy(to, from, row);
    else scaleRow(to, from, row, load<f32>(factors + at));
  }
}

/** out[indices[r]] = x[r], a row each, for r in [begin, end). The indices differ, so that no two rows meet. */
export function scatterRows(
  begin: i32, end: i32, _scratch: usize, x: usize, indices: usize, out: usize, width: i32,
): void {
  const row = (width as usize) << 2;
  for (let r = begin; r < end; r++) {
    const to = out + (load<u32>(indices + ((r as usize) << 2)) as usize) * row;
    memory.copy(to, x + (r as usize) * row, row);
  }
}

function scaleRow(to: usize, from: usize, row: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let j: usize = 0;
  for (; j + 16 <= row; j += 16) v128.store(to + j, f32x4.mul(v128.load(from + j), factors));
  if (j < row) {
    const lanes = (row - j) >> 2;
    storeLanes(to + j, f32x4.mul(loadLanes(from + j, lanes), factors), lanes);
  }
}
