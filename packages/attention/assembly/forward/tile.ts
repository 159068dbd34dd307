import { exp2Scalar, exp2Shifted, FARTHEST, SHIFTER } from "../lib/exponential";
import { CHUNK, LOWEST, PANEL, PANEL_ROW, roundUp, SCORE_ROW, TILE } from "../lib/layout";
import { Held, multiply, Packed } from "../lib/multiply";
import { addReciprocals, addReciprocalSum, reciprocalSum } from "./baseline";
import { scanBernoulli } from "./bernoulli";
import { scanPriority } from "./priority";
import { FACTORS, RECIPROCAL } from "./constants";
import { BERNOULLI, NO_SAMPLE, PRIORITY, State } from "./state";

/** One online-softmax step: rows [row, last), at most a tile, of a block from `first`, over the keys from `chunk` on. */
export function attendTile(state: State, head: i32, first: i32, row: i32, last: i32, chunk: i32): void {
  const length = state.length;
  const depth = state.depth;
  const keys = min(state.causal ? last : length, chunk + CHUNK) - chunk;
  if (keys <= 0) return;

  scoreTile(state, head, row - first, chunk, keys);
  const width = roundUp(keys, 16);
  let rescale = false;
  for (let r = 0; r < TILE; r++) {
    const scores = state.scores + (r as usize) * SCORE_ROW;
    const valid = state.causal ? min(max(row + r + 1 - chunk, 0), keys) : keys;
    hide(scores, valid, width);
    const local = row - first + r;
    rescale = softmaxRow(state, r, local, valid, width) || rescale;
    if (state.design == NO_SAMPLE || state.budget == 0) continue;
    if (state.design == BERNOULLI) scanBernoulli(state, r, local, width, chunk);
    else if (state.design == PRIORITY) scanPriority(state, r, local, valid, width, chunk);
  }

  const padded = roundUp(length, PANEL);
  const outPanels = roundUp(depth, PANEL) / PANEL;
  const out = state.outTiles + ((row - first) as usize) * ((outPanels * PANEL) as usize) * 4;
  if (rescale) scaleTile(out, outPanels, state.constants + FACTORS);
  const valuePanel = (padded as usize) * PANEL_ROW;
  const values = state.values + (keyHeadOf(state, head) as usize) * (outPanels as usize) * valuePanel + (chunk as usize) * PANEL_ROW;
  addTile(state.weights, values, valuePanel, out, keys, outPanels);
}

/** The packed key head, counted over the batch, that serves a query head. */
// @ts-ignore: decorator
@inline
function keyHeadOf(state: State, head: i32): i32 {
  const group = state.queryHeads / state.keyHeads;
  return (head / state.queryHeads) * state.keyHeads + (head % state.queryHeads) / group;
}

/** Scores of the tile of queries from `local` on against `keys` keys from `chunk` on. */
export function scoreTile(state: State, head: i32, local: i32, chunk: i32, keys: i32): void {
  const depth = state.depth;
  const panelBytes = (depth as usize) * PANEL_ROW;
  const panels = roundUp(state.length, PANEL) / PANEL;
  const columns = state.keys + ((keyHeadOf(state, head) * panels + chunk / PANEL) as usize) * panelBytes;
  const query = state.queryTiles + (local as usize) * (depth as usize) * 4;
  multiply<Packed, Held>(query, 24, columns, panelBytes, state.scores, 32, depth, roundUp(keys, PANEL) / PANEL, false);
}

/** Adds the weighted values of `keys` keys to a tile of outputs. */
function addTile(weights: usize, values: usize, panelBytes: usize, out: usize, keys: i32, panels: i32): void {
  multiply<Held, Packed>(weights, 4, values, panelBytes, out, 192, keys, panels, true);
}

/** Sets the scores of the columns [valid, width) to −∞, whose exponential is exactly 0. */
export function hide(scores: usize, valid: i32, width: i32): void {
  let at = scores + ((valid as usize) << 2);
  const end = scores + ((width as usize) << 2);
  for (; (at & 15) != 0 && at < end; at += 4) store<f32>(at, -Infinity);
  const hidden = f32x4.splat(-Infinity);
  for (; at < end; at += 16) v128.store(at, hidden);
}

/**
 * Turns a row of scores into exponentials relative to the row's new peak and adds them to its total. The peak is the
 * largest score rounded up: whole peaks save an operation a score, and factors between them are exact. Leaves the
 * factor for what was summed up before in the r-th of six slots and says whether it is not 1.
 */
function softmaxRow(state: State, r: i32, local: i32, valid: i32, width: i32): bool {
  const scores = state.scores + (r as usize) * SCORE_ROW;
  const weights = state.weights + (r as usize) * SCORE_ROW;
  const slot = (local as usize) << 2;
  const before = load<f32>(state.peaks + slot);
  const peak = max(before, Mathf.ceil(largestScore(scores, width)));
  const factor: f32 = before == peak ? 1 : exp2Scalar(before - peak, state.constants);
  const near = Mathf.abs(peak) < FARTHEST;
  const onTheWay = near && state.beta != 0;
  const sum: f32 = onTheWay ? exponentialsAndReciprocals(state, slot, scores, weights, valid, width, peak, factor)
    : near ? exponentials(scores, weights, width, peak, state.constants)
    : farExponentials(scores, weights, width, peak, state.constants);
  store<f32>(state.peaks + slot, peak);
  store<f32>(state.totals + slot, load<f32>(state.totals + slot) * factor + sum);
  if (state.beta != 0 && !onTheWay) addReciprocals(state, slot, weights, valid, factor);
  store<f32>(state.constants + FACTORS + ((r as usize) << 2), factor);
  return factor != 1;
}

/** The largest of a row's scores, of which there are a multiple of 16; NaN does not count. */
function largestScore(scores: usize, width: i32): f32 {
  let peak0 = f32x4.splat(LOWEST), peak1 = peak0, peak2 = peak0, peak3 = peak0;
  const end = scores + ((width as usize) << 2);
  for (let at = scores; at < end; at += 64) {
    peak0 = f32x4.pmax(peak0, v128.load(at));
    peak1 = f32x4.pmax(peak1, v128.load(at, 16));
    peak2 = f32x4.pmax(peak2, v128.load(at, 32));
    peak3 = f32x4.pmax(peak3, v128.load(at, 48));
  }
  peak0 = f32x4.pmax(f32x4.pmax(peak0, peak1), f32x4.pmax(peak2, peak3));
  peak0 = f32x4.pmax(peak0, v128.shuffle<f32>(peak0, peak0, 2, 3, 0, 1));
  peak0 = f32x4.pmax(peak0, v128.shuffle<f32>(peak0, peak0, 1, 0, 3, 2));
  return f32x4.extract_lane(peak0, 0);
}

/** weights = 2^(scores − peak) for a whole peak; returns their sum. */
function exponentials(scores: usize, weights: usize, width: i32, peak: f32, constants: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  const shifter = f32x4.splat(SHIFTER - peak);
  const lowest = f32x4.splat(peak - 126);
  const shift = weights - scores;
  const end = scores + ((width as usize) << 2);
  for (let at = scores; at < end; at += 32) {
    const w0 = exp2Shifted(v128.load(at), shifter, lowest, constants);
    const w1 = exp2Shifted(v128.load(at, 16), shifter, lowest, constants);
    v128.store(at + shift, w0);
    v128.store(at + shift, w1, 16);
    sum0 = f32x4.add(sum0, w0);
    sum1 = f32x4.add(sum1, w1);
  }
  return sumLanes(f32x4.add(sum0, sum1));
}

/** `exponentials` with the same sum, and `addReciprocals` on the way. */
function exponentialsAndReciprocals(
  state: State, slot: usize, scores: usize, weights: usize, valid: i32, width: i32, peak: f32, factor: f32,
): f32 {
  const constants = state.constants;
  let sum0 = f32x4.splat(0), sum1 = sum0, reciprocals = sum0;
  const shifter = f32x4.splat(SHIFTER - peak);
  const lowest = f32x4.splat(peak - 126);
  const mirror = v128.load(constants, RECIPROCAL);
  const shift = weights - scores;
  // Hidden entries have no reciprocal: the eight that the row sees a part of come after.
  const whole = valid & ~7;
  let at = scores;
  for (const end = scores + ((whole as usize) << 2); at < end; at += 32) {
    const w0 = exp2Shifted(v128.load(at), shifter, lowest, constants);
    const w1 = exp2Shifted(v128.load(at, 16), shifter, lowest, constants);
    v128.store(at + shift, w0);
    v128.store(at + shift, w1, 16);
    sum0 = f32x4.add(sum0, w0);
    sum1 = f32x4.add(sum1, w1);
    reciprocals = f32x4.add(reciprocals, f32x4.add(i32x4.sub(mirror, w0), i32x4.sub(mirror, w1)));
  }
  for (const end = scores + ((width as usize) << 2); at < end; at += 32) {
    const w0 = exp2Shifted(v128.load(at), shifter, lowest, constants);
    const w1 = exp2Shifted(v128.load(at, 16), shifter, lowest, constants);
    v128.store(at + shift, w0);
    v128.store(at + shift, w1, 16);
    sum0 = f32x4.add(sum0, w0);
    sum1 = f32x4.add(sum1, w1);
  }
  const rest = reciprocalSum(weights + ((whole as usize) << 2), valid - whole, constants);
  addReciprocalSum(state, slot, sumLanes(reciprocals) + rest, factor);
  return sumLanes(f32x4.add(sum0, sum1));
}

// @ts-ignore: decorator
@inline
function sumLanes(sum: v128): f32 {
  sum = f32x4.add(sum, v128.shuffle<f32>(sum, sum, 2, 3, 0, 1));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
}

/** `exponentials` where the peak is too large to be added to the shifter exactly: scores are taken down first. */
function farExponentials(scores: usize, weights: usize, width: i32, peak: f32, constants: usize): f32 {
  const peaks = f32x4.splat(peak);
  for (let at: usize = 0; at < (width as usize) << 2; at += 16) {
    v128.store(weights + at, f32x4.sub(v128.load(scores + at), peaks));
  }
  return exponentials(weights, weights, width, 0, constants);
}

/** Multiplies the rows of a tile of outputs by six factors. */
function scaleTile(out: usize, panels: i32, factors: usize): void {
  for (let panel = 0; panel < panels; panel++) {
    for (let r = 0; r < TILE; r++) {
      const factor = v128.load32_splat(factors + ((r as usize) << 2));
      v128.store(out, f32x4.mul(v128.load(out), factor));
      v128.store(out, f32x4.mul(v128.load(out, 16), factor), 16);
      out += 32;
    }
  }
}
