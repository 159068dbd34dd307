import { exp2, exp2Scalar } from "../lib/exponential";
import { SCORE_ROW } from "../lib/layout";
import { log2Four } from "../lib/logarithm";
import { countMarked, firstOf, markAll, prepend, prependWord } from "./candidates";
import { countAtLeast, largest, lowestTie, ordered, orderedScalar, unordered } from "./select";
import { HASH, LOGARITHM, MASKS, ROTATION } from "./constants";
import { State, strideOf } from "./state";

// A row keeps its `budget` largest priorities W/u, and the next one is the threshold of the estimates. In logarithms,
// s − log2 u, priorities need no normaliser. A limit that at least budget + 1 entries reach is a bound from below on
// the threshold, so that entries below it are nothing: only those with u < 2^(s − limit) become candidates.
//
// How many entries reach a limit is Σ min(1, 2^(s − limit)) on average. That gives a guess at a high limit for each
// chunk; where the count then shows that too few reach it, the chunk is searched again with a lower one.

const GOLDEN_STEP: i32 = 0x9e3779b9;

/** Widens the test for candidates against rounding. */
// @ts-ignore: decorator
@inline
const SLACK: f32 = 1.001;

/** Above this gap between peak and limit, in powers of 2, exponentials may vanish that matter: every entry is taken. */
// @ts-ignore: decorator
@inline
const WIDEST: f32 = 90;

/** In place of weights that have vanished, where one is divided by: such a row has no baseline. */
// @ts-ignore: decorator
@inline
const SMALLEST: f32 = 1.1754943508222875e-38;

/** `independentBits` of four entries as uniforms times 2²⁴: `x` is k0 + j·GOLDEN_STEP, `k1` the key's second word. */
// @ts-ignore: decorator
@inline
function fourUniforms(x: v128, k1: v128, constants: usize): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, v128.load(constants, HASH));
  x = v128.xor(x, v128.xor(i32x4.shr_u(x, 15), k1));
  x = i32x4.mul(x, v128.load(constants, HASH + 16));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  return f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_u(x, 8), v128.load(constants, HASH + 32)));
}

/** Adds the entries of a row's chunk that may be among the largest to its candidates. */
export function scanPriority(state: State, r: i32, local: i32, valid: i32, width: i32, chunk: i32): void {
  const slot = (local as usize) << 2;
  const count = load<i32>(state.counts + slot);
  let guess: f32 = -Infinity;
  if (load<f32>(state.limits + slot) != -Infinity || count + valid > state.capacity) guess = guessLimit(state, slot);
  for (let attempts = 0; attempts < 8; attempts++) {
    const proven = load<f32>(state.limits + slot);
    if (!(guess > proven)) break;
    markReaching(state, r, local, guess, width, chunk);
    const marked = countMarked(state, width);
    if (count + marked > state.capacity) break;
    prepend(state, r, local, count, marked, width, chunk);
    prioritise(state, local, count + marked, marked);
    const reaching = countAtLeast(prioritiesOf(state, local, count + marked), count + marked, orderedScalar(guess));
    if (reaching > (state.budget as i32)) {
      store<f32>(state.limits + slot, guess);
      store<i32>(state.counts + slot, count + marked);
      return;
    }
    guess -= 2;
  }
  scanProven(state, r, local, valid, width, chunk);
}

/** A limit, in units of scores, that a few more than budget + 1 entries should reach, going by the row's total. */
// @ts-ignore: decorator
@inline
function guessLimit(state: State, slot: usize): f32 {
  const reaching = state.budget + 1 + 3 * Mathf.sqrt(state.budget + 1);
  const mean = f32x4.splat(load<f32>(state.totals + slot) / reaching);
  return load<f32>(state.peaks + slot) + f32x4.extract_lane(log2Four(mean, state.constants + LOGARITHM), 0);
}

/** The same with the limit that is proven, however many entries reach it: word by word, dropping the smallest. */
function scanProven(state: State, r: i32, local: i32, valid: i32, width: i32, chunk: i32): void {
  const slot = (local as usize) << 2;
  const limit = load<f32>(state.limits + slot);
  let count = load<i32>(state.counts + slot);
  if (load<f32>(state.peaks + slot) - limit < WIDEST) markReaching(state, r, local, limit, width, chunk);
  else markAll(state, valid, width);
  const masks = state.constants + MASKS;
  const words = (width + 63) >> 6;
  // The words move to the front one by one, the last first, so that the indices go on descending.
  for (let word = words - 1; word >= 0; word--) {
    const mask = load<u64>(masks + ((word as usize) << 3));
    const marked = popcnt(mask) as i32;
    if (count + marked > state.capacity) count = dropSmallest(state, local, count, (state.budget as i32) + 1);
    prependWord(state, r, local, count, mask, word << 6, chunk);
    count += marked;
    prioritise(state, local, count, marked);
  }
  store<i32>(state.counts + slot, count);
}

/** Marks the entries of a row of weights with u < 2^(s − limit), a bit each. */
function markReaching(state: State, r: i32, local: i32, limit: f32, width: i32, chunk: i32): void {
  const slot = (local as usize) << 2;
  const constants = state.constants;
  const masks = constants + MASKS;
  const key = load<u64>(state.rowKeys + (slot << 1));
  const gap = load<f32>(state.peaks + slot) - limit;
  const threshold = f32x4.splat(exp2Scalar(max<f32>(gap, -WIDEST), constants) * (16777216 * SLACK));
  const k1 = i32x4.splat((key >> 32) as i32);
  const step = v128.load(constants, ROTATION);
  let x = i32x4.add(i32x4.splat((key as i32) + chunk * GOLDEN_STEP), v128.load(constants, ROTATION + 16));
  let at = state.weights + (r as usize) * SCORE_ROW;
  store<u64>(masks + ((((width - 1) >> 6) as usize) << 3), 0);
  for (let group = masks; group < masks + ((width as usize) >> 3); group += 2) {
    const pass0 = f32x4.lt(fourUniforms(x, k1, constants), f32x4.mul(v128.load(at), threshold));
    x = i32x4.add(x, step);
    const pass1 = f32x4.lt(fourUniforms(x, k1, constants), f32x4.mul(v128.load(at, 16), threshold));
    x = i32x4.add(x, step);
    const pass2 = f32x4.lt(fourUniforms(x, k1, constants), f32x4.mul(v128.load(at, 32), threshold));
    x = i32x4.add(x, step);
    const pass3 = f32x4.lt(fourUniforms(x, k1, constants), f32x4.mul(v128.load(at, 48), threshold));
    x = i32x4.add(x, step);
    const low = i16x8.narrow_i32x4_s(pass0, pass1);
    const high = i16x8.narrow_i32x4_s(pass2, pass3);
    store<u16>(group, i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)));
    at += 64;
  }
}

/** The address of the first of a row's priorities, which lie behind the scores. */
// @ts-ignore: decorator
@inline
function prioritiesOf(state: State, local: i32, count: i32): usize {
  return firstOf(state, local, count) + 2 * strideOf(state);
}

/** s − log2 u of the first `fresh` of a row's candidates, as integers of the same order. */
function prioritise(state: State, local: i32, count: i32, fresh: i32): void {
  const constants = state.constants;
  const shift = strideOf(state);
  const key = load<u64>(state.rowKeys + ((local as usize) << 3));
  const k0 = i32x4.splat(key as i32);
  const k1 = i32x4.splat((key >> 32) as i32);
  const golden = v128.load(constants, ROTATION + 32);
  const resolution = v128.load(constants, ROTATION + 64);
  const first = firstOf(state, local, count);
  const last = first + ((fresh as usize) << 2);
  // From the end, in steps of four: what the last step writes too much goes to the four spare places.
  for (let at = last - 16; at + 16 > first; at -= 16) {
    const x = i32x4.add(k0, i32x4.mul(v128.load(at), golden));
    const u = f32x4.mul(fourUniforms(x, k1, constants), resolution);
    v128.store(at + shift * 2, ordered(f32x4.sub(v128.load(at + shift), log2Four(u, constants + LOGARITHM))));
  }
}

/**
 * Keeps the `keep` largest of a row's candidates, of equal ones those of the lowest indices, in place and in order, and
 * makes the (budget + 1)-th largest the limit. There are more than `budget` candidates.
 */
function dropSmallest(state: State, local: i32, count: i32, keep: i32): i32 {
  const shift = strideOf(state);
  const first = firstOf(state, local, count);
  const priorities = prioritiesOf(state, local, count);
  const limit = largest(priorities, count, (state.budget as i32) + 1);
  const above = countAtLeast(priorities, count, limit + 1);
  const lastTie = lowestTie(priorities, first, count, limit, keep - above);
  const end = first + ((count as usize) << 2);
  let to = end;
  for (let at = end - 4; at >= first; at -= 4) {
    const priority = load<i32>(at + shift * 2);
    const j = load<i32>(at);
    store<i32>(to - 4, j);
    store<f32>(to + shift - 4, load<f32>(at + shift));
    store<i32>(to + shift * 2 - 4, priority);
    to -= (((priority > limit) as usize) | (((priority == limit) as usize) & ((j <= lastTie) as usize))) << 2;
  }
  store<f32>(state.limits + ((local as usize) << 2), unordered(limit));
  return ((end - to) >> 2) as i32;
}

/**
 * Writes a row's kept entries, ascending, with the estimates max(W, τ) and the factors max(W, τ)/W, from its place in
 * `indptr` on.
 */
export function keepPriority(state: State, head: i32, row: i32, local: i32): void {
  const slot = (local as usize) << 2;
  const budget = state.budget as i32;
  let count = load<i32>(state.counts + slot);
  const peak = load<f32>(state.peaks + slot);
  const logarithm = load<f32>(state.totals + slot);
  let threshold: f32 = 0;
  if (count > budget) {
    count = dropSmallest(state, local, count, budget);
    threshold = exp2Scalar(load<f32>(state.limits + slot) - peak - logarithm, state.constants);
  }
  const index = (head * state.length + row) as usize;
  const to = (load<u32>(state.pointers + (index << 2)) as usize) << 2;
  const from = firstOf(state, local, count);
  const scores = from + strideOf(state);
  const bytes = (count as usize) << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    v128.store(state.indices + to + at, v128.load(from + at));
    const weight = exp2(f32x4.sub(f32x4.sub(v128.load(scores + at), f32x4.splat(peak)), f32x4.splat(logarithm)), state.constants);
    const estimate = f32x4.pmax(weight, f32x4.splat(threshold));
    v128.store(state.data + to + at, estimate);
    if (state.factors != 0) v128.store(state.factors + to + at, f32x4.div(estimate, f32x4.pmax(weight, f32x4.splat(SMALLEST))));
  }
  for (; at < bytes; at += 4) {
    store<u32>(state.indices + to + at, load<u32>(from + at));
    const weight = exp2Scalar(load<f32>(scores + at) - peak - logarithm, state.constants);
    store<f32>(state.data + to + at, max(weight, threshold));
    if (state.factors != 0) store<f32>(state.factors + to + at, max(weight, threshold) / max(weight, SMALLEST));
  }
  // A row without a finite score has no weights: it keeps its number of entries, all of them 0.
  if (load<f32>(state.lse + (index << 2)) == -Infinity) {
    memory.fill(state.data + to, 0, bytes);
    if (state.factors != 0) memory.fill(state.factors + to, 0, bytes);
  }
}
