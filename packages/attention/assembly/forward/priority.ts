import { exp2, exp2Scalar } from "../lib/exponential";
import { log2Unit } from "../lib/logarithm";
import { SCORE_ROW } from "../lib/layout";
import { reverseRuns } from "./bernoulli";
import { countAtLeast, lowestTie, largest, ordered, unordered } from "./select";
import { candidateRow, State } from "./state";

// The budget + 1 largest priorities W/u of a row, in logarithms s − log2 u, which need no normaliser. Once that many
// candidates are in, the smallest of the largest is a limit, and only entries with u < e^(s − limit) can still matter.

const GOLDEN_STEP: i32 = 0x9e3779b9;

// @ts-ignore: decorator
@inline
const SLACK: f32 = 1.001;

// @ts-ignore: decorator
@inline
const RESOLUTION: f32 = 1.0 / 16777216.0;

/** Above this gap between peak and limit, in powers of 2, exponentials may vanish that matter: every entry is taken. */
// @ts-ignore: decorator
@inline
const WIDEST: f32 = 90;

/** `independentBits` of four entries: `x` their Weyl sequence, `k1` the second word of the row's key. */
// @ts-ignore: decorator
@inline
function fourBits(x: v128, k1: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, v128.xor(i32x4.shr_u(x, 15), k1));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** Uniforms times 2²⁴, whole numbers from 1 to 2²⁴. */
// @ts-ignore: decorator
@inline
function fourUniforms(x: v128, k1: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_u(fourBits(x, k1), 8), i32x4.splat(1)));
}

/** Appends the entries of a row's chunk that may be among the largest to its candidates. */
export function scanPriority(state: State, r: i32, local: i32, valid: i32, width: i32, chunk: i32): void {
  const slot = (local as usize) << 2;
  const from = state.scores + (r as usize) * SCORE_ROW;
  const weights = state.weights + (r as usize) * SCORE_ROW;
  const row = load<u64>(state.rowKeys + (slot << 1));
  const k1 = i32x4.splat((row >> 32) as i32);
  const capacity = state.capacity;
  const indices = state.candidates + (local as usize) * candidateRow(state);
  const stride = (capacity as usize) << 2;
  const peak = load<f32>(state.peaks + slot);
  let x = i32x4.add(
    i32x4.splat((row as i32) + chunk * GOLDEN_STEP),
    i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(GOLDEN_STEP)),
  );
  let count = load<i32>(state.counts + slot);
  let limit = load<f32>(state.limits + slot);
  let threshold = f32x4.splat(scanThreshold(state, peak, limit));
  const step = i32x4.splat(4 * GOLDEN_STEP);
  const uniforms = state.constants + 192;
  for (let j = 0; j < width; j += 16) {
    if (count + 16 > capacity) {
      count = dropSmallest(state, local, count, state.budget as i32 + 1);
      limit = load<f32>(state.limits + slot);
      threshold = f32x4.splat(scanThreshold(state, peak, limit));
    }
    const u0 = fourUniforms(x, k1);
    x = i32x4.add(x, step);
    const u1 = fourUniforms(x, k1);
    x = i32x4.add(x, step);
    const u2 = fourUniforms(x, k1);
    x = i32x4.add(x, step);
    const u3 = fourUniforms(x, k1);
    x = i32x4.add(x, step);
    let mask: i32;
    if (peak - limit < WIDEST) {
      const at = weights + ((j as usize) << 2);
      const low = i16x8.narrow_i32x4_s(
        f32x4.lt(u0, f32x4.mul(v128.load(at), threshold)),
        f32x4.lt(u1, f32x4.mul(v128.load(at, 16), threshold)),
      );
      const high = i16x8.narrow_i32x4_s(
        f32x4.lt(u2, f32x4.mul(v128.load(at, 32), threshold)),
        f32x4.lt(u3, f32x4.mul(v128.load(at, 48), threshold)),
      );
      mask = i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
    } else {
      mask = j + 16 <= valid ? 0xffff : (1 << max(valid - j, 0)) - 1;
    }
    if (mask == 0) continue;
    v128.store(uniforms, u0);
    v128.store(uniforms, u1, 16);
    v128.store(uniforms, u2, 32);
    v128.store(uniforms, u3, 48);
    for (; mask != 0; mask &= mask - 1) {
      const k = ctz(mask);
      const to = indices + ((count as usize) << 2);
      store<i32>(to, chunk + j + k);
      store<f32>(to + stride, load<f32>(from + ((j + k) << 2)));
      store<f32>(to + stride * 2, load<f32>(uniforms + ((k as usize) << 2)));
      count++;
    }
  }
  store<i32>(state.counts + slot, count);
}

/** The factor t such that u·2²⁴ < w·t is implied by s − log2 u ≥ limit, for w relative to the peak. */
// @ts-ignore: decorator
@inline
function scanThreshold(state: State, peak: f32, limit: f32): f32 {
  if (!(peak - limit < WIDEST)) return 0;
  return exp2Scalar(max<f32>(peak - limit, -WIDEST), state.constants) * (16777216 * SLACK);
}

/**
 * Keeps the `keep` largest priorities of a row's candidates, of equal ones those of the lowest indices, in place and in
 * order, and makes the smallest kept one the limit. Returns how many are left: `count` if that is not more.
 */
function dropSmallest(state: State, local: i32, count: i32, keep: i32): i32 {
  if (count < keep) return count;
  const indices = state.candidates + (local as usize) * candidateRow(state);
  const stride = (state.capacity as usize) << 2;
  const priorities = indices + stride * 3;
  prioritise(indices + stride, indices + stride * 2, priorities, count);
  const limit = largest(priorities, count, keep);
  const above = countAtLeast(priorities, count, limit + 1);
  const lastTie = lowestTie(priorities, indices, count, limit, keep - above);
  let left = 0;
  for (let e = 0; e < count; e++) {
    const at = indices + ((e as usize) << 2);
    const priority = load<i32>(at + stride * 3);
    const j = load<i32>(at);
    const to = indices + ((left as usize) << 2);
    store<i32>(to, j);
    store<f32>(to + stride, load<f32>(at + stride));
    store<f32>(to + stride * 2, load<f32>(at + stride * 2));
    store<i32>(to + stride * 3, priority);
    left += (priority > limit || (priority == limit && j <= lastTie)) as i32;
  }
  store<f32>(state.limits + ((local as usize) << 2), unordered(limit));
  return left;
}

/** s − log2 u as integers of the same order. */
function prioritise(scores: usize, uniforms: usize, priorities: usize, count: i32): void {
  const resolution = f32x4.splat(RESOLUTION);
  for (let e = 0; e < count; e += 4) {
    const at = (e as usize) << 2;
    const u = f32x4.mul(v128.load(uniforms + at), resolution);
    v128.store(priorities + at, ordered(f32x4.sub(v128.load(scores + at), log2Unit(u))));
  }
}

/** Writes a row's kept entries, ascending, with the estimates max(W, τ), from its place in `indptr` on. */
export function keepPriority(state: State, head: i32, row: i32, local: i32): void {
  const slot = (local as usize) << 2;
  const budget = state.budget as i32;
  let count = load<i32>(state.counts + slot);
  const lse = load<f32>(state.totals + slot);
  let threshold: f32 = 0;
  if (count > budget) {
    count = dropSmallest(state, local, count, budget + 1);
    threshold = exp2Scalar(load<f32>(state.limits + slot) - lse, state.constants);
    count = dropSmallest(state, local, count, budget);
  }
  const indices = state.candidates + (local as usize) * candidateRow(state);
  const scores = indices + ((state.capacity as usize) << 2);
  for (let e = 0; e < count; e += 4) {
    const at = scores + ((e as usize) << 2);
    const weight = exp2(f32x4.sub(v128.load(at), f32x4.splat(lse)), state.constants);
    v128.store(at, f32x4.pmax(weight, f32x4.splat(threshold)));
  }
  const index = (head * state.length + row) as usize;
  const to = (load<u32>(state.pointers + (index << 2)) as usize) << 2;
  reverseRuns(indices, scores, count, state.indices + to, state.data + to);
}
