import { fma } from "./lib/fma";
import { loadLanes, storeLanes, sumLanes } from "./lib/lanes";

/** out = x · rstd · gain for the rows in [begin, end), rstd = 1/√(average(x²) + ε) a row. */
export function rmsNorm(
  begin: i32, end: i32, _scratch: usize,
  x: usize, gain: usize, out: usize, rstds: usize, width: i32, epsilon: f32,
): void {
  const row = (width as usize) << 2;
  for (let t = begin as usize; t < (end as usize); t++) {
    const from = x + t * row, to = out + t * row;
    const rstd: f32 = <f32>1 / sqrt<f32>(product(from, from, row) / (width as f32) + epsilon);
    store<f32>(rstds + (t << 2), rstd);
    const factor = f32x4.splat(rstd);
    let j: usize = 0;
    for (; j + 16 <= row; j += 16) {
      v128.store(to + j, f32x4.mul(f32x4.mul(v128.load(from + j), factor), v128.load(gain + j)));
    }
    if (j < row) {
      const lanes = (row - j) >> 2;
      storeLanes(to + j, f32x4.mul(f32x4.mul(loadLanes(from + j, lanes), factor), loadLanes(gain + j, lanes)), lanes);
    }
  }
}

/** dx = rstd · (g − x̂ · average(g · x̂)) with g = gain · dOut and x̂ = x · rstd, a row. */
export function rmsNormBackward(
  begin: i32, end: i32, _scratch: usize,
  x: usize, gain: usize, rstds: usize, dOut: usize, dx: usize, width: i32,
): void {
  const row = (width as usize) << 2;
  for (let t = begin as usize; t < (end as usize); t++) {
    const from = x + t * row, cotangent = dOut + t * row, to = dx + t * row;
    const rstd = load<f32>(rstds + (t << 2));
    const factor = f32x4.splat(rstd);
    let j: usize = 0;
    // g is kept in dx until the sum over the row is known.
    for (; j + 16 <= row; j += 16) v128.store(to + j, f32x4.mul(v128.load(cotangent + j), v128.load(gain + j)));
    for (; j < row; j += 4) store<f32>(to + j, load<f32>(cotangent + j) * load<f32>(gain + j));
    const slope = f32x4.splat((product(to, from, row) * rstd) / (width as f32));
    for (j = 0; j + 16 <= row; j += 16) {
      const normal = f32x4.mul(v128.load(from + j), factor);
      v128.store(to + j, f32x4.mul(factor, f32x4.sub(v128.load(to + j), f32x4.mul(normal, slope))));
    }
    if (j < row) {
      const lanes = (row - j) >> 2;
      const normal = f32x4.mul(loadLanes(from + j, lanes), factor);
      storeLanes(to + j, f32x4.mul(factor, f32x4.sub(loadLanes(to + j, lanes), f32x4.mul(normal, slope))), lanes);
    }
  }
}

function product(a: usize, b: usize, row: usize): f32 {
  let sum = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 16 <= row; j += 16) sum = fma(v128.load(a + j), v128.load(b + j), sum);
  if (j < row) sum = fma(loadLanes(a + j, (row - j) >> 2), loadLanes(b + j, (row - j) >> 2), sum);
  return sumLanes(sum);
}
