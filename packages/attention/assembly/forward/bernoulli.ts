import { rotationBits } from "../../../tensor/assembly/lib/random";
import { exp2, exp2Scalar } from "../lib/exponential";
import { SCORE_ROW } from "../lib/layout";
import { countMarked, firstOf, prepend } from "./candidates";
import { MASKS, PACKING, ROTATION } from "./constants";
import { State, strideOf } from "./state";

// An entry is kept iff m < q·2²⁴, where m are its 24 random bits and q = min(1, c·W). The row's weights are known only
// up to the normaliser, which can but grow with further keys: m < c·2²⁴·e^(s − lse so far) is a test that no entry
// fails which passes the final one. Those that pass are kept as candidates and tested again in the end.

// @ts-ignore: decorator
@inline
const GOLDEN_STEP: i32 = 0x9e3779b9;

/** Widens the test against rounding in the normaliser; far above what that can be, and far too little to matter. */
// @ts-ignore: decorator
@inline
const SLACK: f32 = 1.001;

// @ts-ignore: decorator
@inline
const ONE: f32 = 16777216.0;

/** A count that says: more candidates than the row had room for. */
// @ts-ignore: decorator
@inline
export const CROWDED: i32 = 0x7fffffff;

/** The four comparisons m < w·threshold. */
// @ts-ignore: decorator
@inline
function passes(bits: v128, weights: v128, threshold: v128): v128 {
  return f32x4.lt(f32x4.convert_i32x4_s(i32x4.shr_u(bits, 8)), f32x4.mul(weights, threshold));
}

/** Adds the entries of a row's chunk that may be kept to its candidates. */
export function scanBernoulli(state: State, r: i32, local: i32, width: i32, chunk: i32): void {
  const slot = (local as usize) << 2;
  let count = load<i32>(state.counts + slot);
  if (count == CROWDED) return;
  markPassing(state, r, local, width, chunk);
  const marked = countMarked(state, width);
  if (count + marked > state.capacity) count = filterBernoulli(state, local, count);
  if (count + marked > state.capacity) {
    store<i32>(state.counts + slot, CROWDED);
    return;
  }
  prepend(state, r, local, count, marked, width, chunk);
  store<i32>(state.counts + slot, count + marked);
}

/** Marks the entries of a row's chunk that pass with the normaliser so far. */
function markPassing(state: State, r: i32, local: i32, width: i32, chunk: i32): void {
  const slot = (local as usize) << 2;
  const constants = state.constants;
  const masks = constants + MASKS;
  const threshold = f32x4.splat((state.budget * ONE * SLACK) / load<f32>(state.totals + slot));
  const step = v128.load(constants, ROTATION);
  const start = rotationBits(load<u64>(state.rowKeys + (slot << 1)), chunk);
  let bits = i32x4.add(i32x4.splat(start), v128.load(constants, ROTATION + 16));
  let at = state.weights + (r as usize) * SCORE_ROW;
  store<u64>(masks + ((((width - 1) >> 6) as usize) << 3), 0);
  for (let group = masks; group < masks + ((width as usize) >> 3); group += 2) {
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
    store<u16>(group, i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)));
    at += 64;
  }
}

/** Drops the candidates that fail with the normaliser so far, in place; returns how many are left. */
function filterBernoulli(state: State, local: i32, count: i32): i32 {
  const slot = (local as usize) << 2;
  const shift = strideOf(state);
  const row = load<u64>(state.rowKeys + (slot << 1));
  const peak = load<f32>(state.peaks + slot);
  const threshold = (state.budget * ONE * SLACK) / load<f32>(state.totals + slot);
  const end = firstOf(state, local, 0);
  let to = end;
  for (let at = end - 4; at >= end - ((count as usize) << 2); at -= 4) {
    const j = load<u32>(at);
    const score = load<f32>(at + shift);
    store<u32>(to - 4, j);
    store<f32>(to + shift - 4, score);
    const weight = exp2Scalar(score - peak, state.constants);
    if (((rotationBits(row, j) >> 8) as f32) < weight * threshold) to -= 4;
  }
  return ((end - to) >> 2) as i32;
}

/**
 * Tests a row's candidates with the final normaliser and writes those that pass, with the estimates W/q and the factors 1/q, to
 * the row's slot, and to `pointers` how many they are. Where they do not fit, the slot's contents mean nothing.
 */
export function keepBernoulli(state: State, head: i32, row: i32, local: i32): void {
  const slot = (local as usize) << 2;
  const index = (head * state.length + row) as usize;
  const count = load<i32>(state.counts + slot);
  if (count == CROWDED) {
    store<i32>(state.pointers + (index << 2), CROWDED);
    return;
  }
  const constants = state.constants;
  const shift = strideOf(state);
  const start = i32x4.splat(rotationBits(load<u64>(state.rowKeys + (slot << 1)), 0));
  const peak = v128.load32_splat(state.peaks + slot);
  const logarithm = v128.load32_splat(state.totals + slot);
  const budget = f32x4.splat(state.budget);
  const golden = v128.load(constants, ROTATION + 32);
  const place = state.slots + (((row * (state.slotSize + 4)) as usize) << 2);
  const toIndices = state.indices + place;
  const toData = state.data + place;
  const toFactors = state.factors + place;
  const packing = constants + PACKING;
  let from = firstOf(state, local, count);
  let kept = 0;
  for (let left = count; left > 0; left -= 4) {
    const bits = i32x4.add(start, i32x4.mul(v128.load(from), golden));
    const weight = exp2(f32x4.sub(f32x4.sub(v128.load(from + shift), peak), logarithm), constants);
    const q = f32x4.mul(f32x4.pmin(v128.load(constants, ROTATION + 80), f32x4.mul(budget, weight)), v128.load(constants, ROTATION + 48));
    // q rounded up to a multiple of 2⁻²⁴, at least one: the probability that the comparison really has.
    const realised = f32x4.mul(f32x4.pmax(v128.load(constants, ROTATION + 80), f32x4.ceil(q)), v128.load(constants, ROTATION + 64));
    let pass = i32x4.bitmask(f32x4.lt(f32x4.convert_i32x4_s(i32x4.shr_u(bits, 8)), q));
    if (left < 4) pass &= (1 << left) - 1;
    const order = v128.load(packing + ((pass as usize) << 4));
    const to = (min(kept, state.slotSize) as usize) << 2;
    v128.store(toIndices + to, i8x16.swizzle(v128.load(from), order));
    const inverse = f32x4.div(v128.load(constants, ROTATION + 80), realised);
    v128.store(toData + to, i8x16.swizzle(f32x4.mul(weight, inverse), order));
    if (state.factors != 0) v128.store(toFactors + to, i8x16.swizzle(inverse, order));
    kept += popcnt(pass);
    from += 16;
  }
  store<i32>(state.pointers + (index << 2), kept);
}
