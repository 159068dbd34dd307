import { rotationBits } from "../../../tensor/assembly/lib/random";
import { exp2 } from "../lib/exponential";
import { SCORE_ROW } from "../lib/layout";
import { candidateRow, State, TEMPORARY } from "./state";

// An entry is kept iff m < q·2²⁴, where m are its 24 random bits and q = min(1, c·W). The row's weights are known only
// up to the normaliser, which can but grow with further keys: m < c·2²⁴·e^(s − lse so far) is a test that no entry
// fails which passes the final one. Those that pass are kept as candidates and tested again in the end.

const GOLDEN_STEP: i32 = 0x9e3779b9;

/** Widens the test against rounding in the normaliser; far above what that can be, and far too little to matter. */
// @ts-ignore: decorator
@inline
const SLACK: f32 = 1.001;

// @ts-ignore: decorator
@inline
const RESOLUTION: f32 = 1.0 / 16777216.0;

/** A count that says: more candidates than the row had room for. */
// @ts-ignore: decorator
@inline
export const CROWDED: i32 = 0x7fffffff;

/** Random bits of the entries j … j + 3, before the shift. */
// @ts-ignore: decorator
@inline
function fourBits(row: u64, j: u32): v128 {
  let bits = i32x4.splat(rotationBits(row, j));
  bits = i32x4.replace_lane(bits, 1, rotationBits(row, j + 1));
  bits = i32x4.replace_lane(bits, 2, rotationBits(row, j + 2));
  return i32x4.replace_lane(bits, 3, rotationBits(row, j + 3));
}

/** The four comparisons m < w·threshold. */
// @ts-ignore: decorator
@inline
function passes(bits: v128, weights: v128, threshold: v128): v128 {
  return f32x4.lt(f32x4.convert_i32x4_s(i32x4.shr_u(bits, 8)), f32x4.mul(weights, threshold));
}

/** Appends the entries of a row's chunk that may be kept to its candidates. */
export function scanBernoulli(state: State, r: i32, local: i32, width: i32, chunk: i32): void {
  const slot = (local as usize) << 2;
  let count = load<i32>(state.counts + slot);
  if (count == CROWDED) return;
  if (count + width > state.capacity) {
    count = filterBernoulli(state, local, count);
    if (count + width > state.capacity) {
      store<i32>(state.counts + slot, CROWDED);
      return;
    }
  }
  const buffer = state.candidates + (local as usize) * candidateRow(state);
  const indices = buffer;
  const scores = buffer + ((state.capacity as usize) << 2);
  const threshold = f32x4.splat((state.budget * 16777216 * SLACK) / load<f32>(state.totals + slot));
  const row = load<u64>(state.rowKeys + (slot << 1));
  const step = i32x4.splat(4 * GOLDEN_STEP);
  let bits = fourBits(row, chunk);
  const from = state.scores + (r as usize) * SCORE_ROW;
  const weights = state.weights + (r as usize) * SCORE_ROW;
  for (let j = 0; j < width; j += 16) {
    const at = weights + ((j as usize) << 2);
    const pass0 = passes(bits, v128.load(at), threshold);
    bits = i32x4.add(bits, step);
    const pass1 = passes(bits, v128.load(at, 16), threshold);
    bits = i32x4.add(bits, step);
    const pass2 = passes(bits, v128.load(at, 32), threshold);
    bits = i32x4.add(bits, step);
    const pass3 = passes(bits, v128.load(at, 48), threshold);
    bits = i32x4.add(bits, step);
    const low = i16x8.narrow_i32x4_s(pass0, pass1);
    const high = i16x8.narrow_i32x4_s(pass2, pass3);
    let mask = i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
    while (mask != 0) {
      const k = j + ctz(mask);
      mask &= mask - 1;
      const to = (count as usize) << 2;
      store<i32>(indices + to, chunk + k);
      store<f32>(scores + to, load<f32>(from + ((k as usize) << 2)));
      count++;
    }
  }
  store<i32>(state.counts + slot, count);
}

/** Drops the candidates that fail with the normaliser so far, in place; returns how many are left. */
export function filterBernoulli(state: State, local: i32, count: i32): i32 {
  const slot = (local as usize) << 2;
  const indices = state.candidates + (local as usize) * candidateRow(state);
  const scores = indices + ((state.capacity as usize) << 2);
  const row = load<u64>(state.rowKeys + (slot << 1));
  const peak = load<f32>(state.peaks + slot);
  const threshold = (state.budget * 16777216 * SLACK) / load<f32>(state.totals + slot);
  let left = 0;
  for (let e = 0; e < count; e++) {
    const at = (e as usize) << 2;
    const j = load<u32>(indices + at);
    const score = load<f32>(scores + at);
    const weight = f32x4.extract_lane(exp2(f32x4.splat(score - peak), state.constants), 0);
    const to = (left as usize) << 2;
    store<u32>(indices + to, j);
    store<f32>(scores + to, score);
    left += (((rotationBits(row, j) >> 8) as f32) < weight * threshold) as i32;
  }
  return left;
}

/** Tests a row's candidates with the final normaliser and writes those that pass to the row's slot, ascending. */
export function keepBernoulli(state: State, head: i32, row: i32, local: i32): void {
  const slot = (local as usize) << 2;
  const index = (head * state.length + row) as usize;
  const count = load<i32>(state.counts + slot);
  if (count == CROWDED) {
    store<i32>(state.pointers + (index << 2), CROWDED);
    return;
  }
  const indices = state.candidates + (local as usize) * candidateRow(state);
  const scores = indices + ((state.capacity as usize) << 2);
  const kept = estimate(state, local, count, indices, scores);
  store<i32>(state.pointers + (index << 2), kept);
  if (kept > state.slotSize) return;
  const to = index * (state.slotSize as usize) * 4;
  reverseRuns(indices, scores, kept, state.indices + to, state.data + to);
}

/** Replaces candidates by kept entries, indices and estimates W/q in place; returns how many. */
function estimate(state: State, local: i32, count: i32, indices: usize, scores: usize): i32 {
  const rowKey = load<u64>(state.rowKeys + ((local as usize) << 3));
  const start = i32x4.splat(rotationBits(rowKey, 0));
  const lse = f32x4.splat(load<f32>(state.totals + ((local as usize) << 2)));
  const budget = f32x4.splat(state.budget);
  const values = state.constants + TEMPORARY;
  let kept = 0;
  for (let e = 0; e < count; e += 4) {
    const at = (e as usize) << 2;
    const j = v128.load(indices + at);
    const bits = i32x4.add(start, i32x4.mul(j, i32x4.splat(GOLDEN_STEP)));
    const weight = exp2(f32x4.sub(v128.load(scores + at), lse), state.constants);
    const q = f32x4.mul(f32x4.pmin(f32x4.splat(1), f32x4.mul(budget, weight)), f32x4.splat(16777216));
    const whole = f32x4.pmax(f32x4.splat(1), f32x4.ceil(q));
    const value = f32x4.div(weight, f32x4.mul(whole, f32x4.splat(RESOLUTION)));
    v128.store(values, value);
    let pass = i32x4.bitmask(f32x4.lt(f32x4.convert_i32x4_s(i32x4.shr_u(bits, 8)), q));
    if (e + 4 > count) pass &= (1 << (count - e)) - 1;
    for (; pass != 0; pass &= pass - 1) {
      const lane = ((e + ctz(pass)) as usize) << 2;
      const to = (kept as usize) << 2;
      store<u32>(indices + to, load<u32>(indices + lane));
      store<f32>(scores + to, load<f32>(values + ((ctz(pass) as usize) << 2)));
      kept++;
    }
  }
  return kept;
}

/** Copies runs of ascending indices, which came the last first, in the reverse order: ascending throughout. */
export function reverseRuns(indices: usize, values: usize, count: i32, toIndices: usize, toValues: usize): void {
  let end = count;
  let to: usize = 0;
  while (end > 0) {
    let begin = end - 1;
    while (begin > 0 && load<u32>(indices + ((begin as usize) << 2) - 4) < load<u32>(indices + ((begin as usize) << 2))) {
      begin--;
    }
    for (let e = begin; e < end; e++) {
      store<u32>(toIndices + to, load<u32>(indices + ((e as usize) << 2)));
      store<f32>(toValues + to, load<f32>(values + ((e as usize) << 2)));
      to += 4;
    }
    end = begin;
  }
}
