import { RECIPROCAL } from "./constants";
import { State } from "./state";

// The baseline β of a row is about the harmonic mean of its weights, n / Σ 1/W. With exponentials p relative to a peak,
// W = p / Σ p, that is n / (Σ p · Σ 1/p), and Σ 1/p is summed up beside Σ p. Any β will do that the draws do not touch:
// so reciprocals may be coarse, an integer subtraction each, but they have to be those of all keys.

/** A β below this is taken for 0: every weight of a row with a baseline is then far from vanishing in float32. */
// @ts-ignore: decorator
@inline
const LEAST: f32 = 7.888609052210118e-31;

/**
 * About 1/p summed over the first `count` exponentials: the bits of a float are nearly its logarithm, so that a constant
 * less the bits are nearly those of the reciprocal, within −5 and +5.5 %. An exponential that vanished counts as 10³⁸.
 */
export function reciprocalSum(exponentials: usize, count: i32, constants: usize): f32 {
  const mirror = v128.load(constants, RECIPROCAL);
  let sum0 = f32x4.splat(0), sum1 = sum0;
  let at = exponentials;
  const end = exponentials + ((count as usize) << 2);
  for (; at + 64 <= end; at += 64) {
    const pair0 = f32x4.add(i32x4.sub(mirror, v128.load(at)), i32x4.sub(mirror, v128.load(at, 16)));
    const pair1 = f32x4.add(i32x4.sub(mirror, v128.load(at, 32)), i32x4.sub(mirror, v128.load(at, 48)));
    sum0 = f32x4.add(sum0, pair0);
    sum1 = f32x4.add(sum1, pair1);
  }
  for (; at + 16 <= end; at += 16) sum0 = f32x4.add(sum0, i32x4.sub(mirror, v128.load(at)));
  sum0 = f32x4.add(sum0, sum1);
  sum0 = f32x4.add(sum0, v128.shuffle<f32>(sum0, sum0, 2, 3, 0, 1));
  let sum = f32x4.extract_lane(sum0, 0) + f32x4.extract_lane(sum0, 1);
  for (; at < end; at += 4) sum += reinterpret<f32>(i32x4.extract_lane(mirror, 0) - load<i32>(at));
  return sum;
}

/** Adds a chunk's reciprocals to a row's sum; `factor` is what the new peak multiplies earlier exponentials with. */
export function addReciprocals(state: State, slot: usize, exponentials: usize, valid: i32, factor: f32): void {
  addReciprocalSum(state, slot, reciprocalSum(exponentials, valid, state.constants), factor);
}

/** `addReciprocals` of a chunk whose reciprocals are summed up. */
// @ts-ignore: decorator
@inline
export function addReciprocalSum(state: State, slot: usize, sum: f32, factor: f32): void {
  const before = load<f32>(state.reciprocals + slot);
  store<f32>(state.reciprocals + slot, before == 0 ? sum : before / factor + sum);
}

/** β of a row that sees `seen` keys, before its total makes way for the logarithm. */
export function finishBaseline(state: State, head: i32, row: i32, slot: usize): void {
  const seen: i32 = state.causal ? row + 1 : state.length;
  const total = load<f32>(state.totals + slot);
  const beta: f32 = total == 0 ? 0 : (seen as f32) / (total * load<f32>(state.reciprocals + slot));
  store<f32>(state.beta + (((head * state.length + row) as usize) << 2), beta < LEAST ? 0 : beta);
}
