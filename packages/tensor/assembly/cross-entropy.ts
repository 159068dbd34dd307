import { expPs, storeExpConstants } from "./lib/exp";
import { loadLanes, maxLanes, storeLanes, sumLanes } from "./lib/lanes";
import { log } from "./lib/log";

/**
 * For the rows t in [begin, end): losses[t] = ln Σ_v e^{logits[t, v]} − logits[t, targets[t]] in float64, and
 * gradient[t] = (softmax(logits[t]) − onehot(targets[t])) · scale. `gradient` may be `logits`; `scratch` holds the constants
 * of the exponential.
 */
export function crossEntropy(
  begin: i32, end: i32, scratch: usize,
  logits: usize, targets: usize, losses: usize, gradient: usize, vocabulary: i32, scale: f32,
): void {
  storeExpConstants(scratch);
  const row = (vocabulary as usize) << 2;
  for (let t = begin as usize; t < (end as usize); t++) {
    const from = logits + t * row, to = gradient + t * row;
    const target = (load<u32>(targets + (t << 2)) as usize) << 2;
    const chosen = load<f32>(from + target);
    const top = rowMax(from, row);
    const sum = exponentials(from, to, row, top, scratch);
    store<f64>(losses + (t << 3), log(sum as f64) + ((top as f64) - (chosen as f64)));
    const factor = f32x4.splat(scale / sum);
    let j: usize = 0;
    for (; j + 16 <= row; j += 16) v128.store(to + j, f32x4.mul(v128.load(to + j), factor));
    for (; j < row; j += 4) store<f32>(to + j, load<f32>(to + j) * (scale / sum));
    store<f32>(to + target, load<f32>(to + target) - scale);
  }
}

/** out[0] = the mean of `count` float64 numbers, summed in order. */
export function meanLoss(_begin: i32, _end: i32, _scratch: usize, losses: usize, out: usize, count: i32): void {
  let sum: f64 = 0;
  for (let t: usize = 0; t < (count as usize); t++) sum += load<f64>(losses + (t << 3));
  store<f32>(out, (sum / (count as f64)) as f32);
}

function rowMax(from: usize, row: usize): f32 {
  let top = f32x4.splat(-Infinity);
  let j: usize = 0;
  for (; j + 16 <= row; j += 16) top = f32x4.max(top, v128.load(from + j));
  let most = maxLanes(top);
  for (; j < row; j += 4) most = max(most, load<f32>(from + j));
  return most;
}

/** Writes e^{x − top} and returns the sum. */
function exponentials(from: usize, to: usize, row: usize, top: f32, table: usize): f32 {
  const shift = f32x4.splat(top);
  let sum = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 16 <= row; j += 16) {
    const e = expPs(f32x4.sub(v128.load(from + j), shift), table);
    sum = f32x4.add(sum, e);
    v128.store(to + j, e);
  }
  let total = sumLanes(sum);
  if (j < row) {
    const lanes = (row - j) >> 2;
    storeLanes(to + j, expPs(f32x4.sub(loadLanes(from + j, lanes), shift), table), lanes);
    for (; j < row; j += 4) total += load<f32>(to + j);
  }
  return total;
}
