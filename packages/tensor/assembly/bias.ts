import { loadLanes, storeLanes } from "./lib/lanes";

/** out[t, j] = x[t, j] + bias[j] for the rows t in [begin, end). */
export function addBias(begin: i32, end: i32, _scratch: usize, x: usize, bias: usize, out: usize, width: i32): void {
  const row = (width as usize) << 2;
  for (let t = begin; t < end; t++) {
    const from = x + (t as usize) * row, to = out + (t as usize) * row;
    let j: usize = 0;
    for (; j + 16 <= row; j += 16) v128.store(to + j, f32x4.add(v128.load(from + j), v128.load(bias + j)));
    if (j < row) {
      const lanes = (row - j) >> 2;
      storeLanes(to + j, f32x4.add(loadLanes(from + j, lanes), loadLanes(bias + j, lanes)), lanes);
    }
  }
}

/** Rows whose sum is taken before it is added to the total: they stay in the cache, and the rounding error shrinks. */
const ROWS: i32 = 64;

/** out[j] = Σ_t x[t, j] for the columns j in [begin, end), each summed in the same order. */
export function sumRows(begin: i32, end: i32, _scratch: usize, x: usize, out: usize, rows: i32, width: i32): void {
  const row = (width as usize) << 2;
  const first = (begin as usize) << 2, last = (end as usize) << 2;
  memory.fill(out + first, 0, last - first);
  for (let t = 0; t < rows; t += ROWS) {
    const block = x + (t as usize) * row;
    const blockEnd = block + (min(ROWS, rows - t) as usize) * row;
    let j = first;
    for (; j + 64 <= last; j += 64) {
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let from = block + j; from < blockEnd; from += row) {
        s0 = f32x4.add(s0, v128.load(from));
        s1 = f32x4.add(s1, v128.load(from, 16));
        s2 = f32x4.add(s2, v128.load(from, 32));
        s3 = f32x4.add(s3, v128.load(from, 48));
      }
      v128.store(out + j, f32x4.add(v128.load(out + j), s0));
      v128.store(out + j, f32x4.add(v128.load(out + j, 16), s1), 16);
      v128.store(out + j, f32x4.add(v128.load(out + j, 32), s2), 32);
      v128.store(out + j, f32x4.add(v128.load(out + j, 48), s3), 48);
    }
    for (; j < last; j += 4) {
      let sum: f32 = 0;
      for (let from = block + j; from < blockEnd; from += row) sum += load<f32>(from);
      store<f32>(out + j, load<f32>(out + j) + sum);
    }
  }
}
