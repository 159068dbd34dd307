import { fma } from "./lib/fma";
import { loadLanes, storeLanes, sumLanes } from "./lib/lanes";

/** out = (x − mean) · rstd · gain + bias for the rows in [begin, end); mean and rstd = 1/√(variance + ε) a row. */
export function layerNorm(
  begin: i32, end: i32, _scratch: usize,
  x: usize, gain: usize, bias: usize, out: usize, means: usize, rstds: usize, width: i32, epsilon: f32,
): void {
  const row = (width as usize) << 2;
  for (let t = begin as usize; t < (end as usize); t++) {
    const from = x + t * row, to = out + t * row;
    const mean = rowSum(from, row) / (width as f32);
    const rstd: f32 = <f32>1 / sqrt<f32>(squaredDeviation(from, row, mean) / (width as f32) + epsilon);
    store<f32>(means + (t << 2), mean);
    store<f32>(rstds + (t << 2), rstd);
    const meanPs = f32x4.splat(mean), rstdPs = f32x4.splat(rstd);
    let j: usize = 0;
    for (; j + 16 <= row; j += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(from + j), meanPs), rstdPs);
      v128.store(to + j, fma(normal, v128.load(gain + j), v128.load(bias + j)));
    }
    if (j < row) {
      const lanes = (row - j) >> 2;
      const normal = f32x4.mul(f32x4.sub(loadLanes(from + j, lanes), meanPs), rstdPs);
      storeLanes(to + j, fma(normal, loadLanes(gain + j, lanes), loadLanes(bias + j, lanes)), lanes);
    }
  }
}

/** dx = rstd · (g − average(g) − x̂ · average(g · x̂)) with g = gain · dOut and x̂ = (x − mean) · rstd, a row. */
export function layerNormBackward(
  begin: i32, end: i32, _scratch: usize,
  x: usize, gain: usize, means: usize, rstds: usize, dOut: usize, dx: usize, width: i32,
): void {
  const row = (width as usize) << 2;
  for (let t = begin as usize; t < (end as usize); t++) {
    const from = x + t * row, cotangent = dOut + t * row, to = dx + t * row;
    const mean = f32x4.splat(load<f32>(means + (t << 2))), rstd = f32x4.splat(load<f32>(rstds + (t << 2)));
    let sum = f32x4.splat(0), along = sum;
    let j: usize = 0;
    for (; j + 16 <= row; j += 16) {
      const g = f32x4.mul(v128.load(cotangent + j), v128.load(gain + j));
      const normal = f32x4.mul(f32x4.sub(v128.load(from + j), mean), rstd);
      sum = f32x4.add(sum, g);
      along = fma(g, normal, along);
    }
    if (j < row) {
      const lanes = (row - j) >> 2;
      const g = f32x4.mul(loadLanes(cotangent + j, lanes), loadLanes(gain + j, lanes));
      const normal = f32x4.mul(f32x4.sub(loadLanes(from + j, lanes), mean), rstd);
      sum = f32x4.add(sum, g);
      along = fma(g, normal, along);
    }
    const gMean = f32x4.splat(sumLanes(sum) / (width as f32));
    const slope = f32x4.splat(sumLanes(along) / (width as f32));
    for (j = 0; j + 16 <= row; j += 16) {
      const g = f32x4.mul(v128.load(cotangent + j), v128.load(gain + j));
      const normal = f32x4.mul(f32x4.sub(v128.load(from + j), mean), rstd);
      v128.store(to + j, f32x4.mul(rstd, f32x4.sub(f32x4.sub(g, gMean), f32x4.mul(normal, slope))));
    }
    if (j < row) {
      const lanes = (row - j) >> 2;
      const g = f32x4.mul(loadLanes(cotangent + j, lanes), loadLanes(gain + j, lanes));
      const normal = f32x4.mul(f32x4.sub(loadLanes(from + j, lanes), mean), rstd);
      storeLanes(to + j, f32x4.mul(rstd, f32x4.sub(f32x4.sub(g, gMean), f32x4.mul(normal, slope))), lanes);
    }
  }
}

function rowSum(from: usize, row: usize): f32 {
  let sum = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 16 <= row; j += 16) sum = f32x4.add(sum, v128.load(from + j));
  if (j < row) sum = f32x4.add(sum, loadLanes(from + j, (row - j) >> 2));
  return sumLanes(sum);
}

function squaredDeviation(from: usize, row: usize, mean: f32): f32 {
  const center = f32x4.splat(mean);
  let sum = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 16 <= row; j += 16) {
    const deviation = f32x4.sub(v128.load(from + j), center);
    sum = fma(deviation, deviation, sum);
  }
  let total = sumLanes(sum);
  for (; j < row; j += 4) {
    const deviation = load<f32>(from + j) - mean;
    total += deviation * deviation;
  }
  return total;
}
