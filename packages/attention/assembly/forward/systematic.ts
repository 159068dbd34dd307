import { fold, independentBits } from "../../../tensor/assembly/lib/random";
import { exp2, LOG2_E } from "../lib/exponential";
import { CHUNK, roundUp, SCORE_ROW, TILE } from "../lib/layout";
import { startBlock } from "./block";
import { balanced } from "./forward";
import { MASKS } from "./constants";
import { followPlan } from "./plan";
import { layOut, NO_SAMPLE, open, State } from "./state";
import { hide, scoreTile } from "./tile";

const ONE: i32 = 1 << 24;

/**
 * A systematic sample, the second pass: the normaliser `lse` is known and the scores are computed again. Rows leave
 * counts and entries in slots, as `attentionForwardBernoulli` does. The range counts the blocks of all heads.
 */
export function attentionForwardSystematic(
  begin: i32, end: i32, scratch: usize,
  query: usize, out: usize, lse: usize, keys: usize, values: usize,
  length: i32, queryHeads: i32, keyHeads: i32, depth: i32, causal: i32, scale: f32, blockRows: i32, _beta: usize,
  plans: usize, k0: u32, k1: u32, counts: usize, slotIndices: usize, slotData: usize, slotFactors: usize,
): void {
  const state = open(scratch, query, out, lse, keys, values, length, queryHeads, keyHeads, depth, causal, scale, blockRows, 0);
  state.design = NO_SAMPLE;
  state.plans = plans;
  state.key = (k0 as u64) | ((k1 as u64) << 32);
  state.pointers = counts;
  state.indices = slotIndices;
  state.data = slotData;
  state.factors = slotFactors;
  layOut(state);
  const blocks = (length + blockRows - 1) / blockRows;
  for (let unit = begin; unit < end; unit++) {
    const head = unit / blocks;
    const first = (state.causal ? balanced(unit % blocks, blocks) : unit % blocks) * blockRows;
    const last = min(first + blockRows, length);
    followPlan(state, head);
    if (state.budget == 0) {
      const row = (head * length + first) as usize;
      memory.fill(counts + (row << 2), 0, ((last - first) as usize) << 2);
      continue;
    }
    startBlock(state, head, first, last);
    for (let row = first; row < last; row += TILE) walkTile(state, head, first, row, min(row + TILE, last));
  }
}

/** Walks the rows [row, last), at most a tile, over all their keys. */
function walkTile(state: State, head: i32, first: i32, row: i32, last: i32): void {
  const headKey = fold(state.key, head as u32);
  // The walk of row r is at `peaks[r]`, in multiples of 2⁻²⁴, and has kept `counts[r]` entries.
  for (let r = row; r < last; r++) {
    const slot = ((r - first) as usize) << 2;
    store<i32>(state.peaks + slot, independentBits(fold(headKey, r as u32), 0) >> 8);
    store<i32>(state.counts + slot, 0);
  }
  const end = state.causal ? last : state.length;
  for (let chunk = 0; chunk < end; chunk += CHUNK) {
    const keys = min(end, chunk + CHUNK) - chunk;
    scoreTile(state, head, row - first, chunk, keys);
    for (let r = row; r < last; r++) {
      const scores = state.scores + ((r - row) as usize) * SCORE_ROW;
      hide(scores, state.causal ? min(max(r + 1 - chunk, 0), keys) : keys, roundUp(keys, 16));
      walkRow(state, head, r, ((r - first) as usize) << 2, scores, chunk, keys);
    }
  }
  for (let r = row; r < last; r++) {
    const index = (head * state.length + r) as usize;
    store<i32>(state.pointers + (index << 2), load<i32>(state.counts + (((r - first) as usize) << 2)));
  }
}

/** Walks a row over one chunk: keeps the entries at which the running sum of q passes a whole number. */
function walkRow(state: State, head: i32, row: i32, slot: usize, scores: usize, chunk: i32, keys: i32): void {
  const index = (head * state.length + row) as usize;
  const lse = f32x4.splat(load<f32>(state.lse + (index << 2)) * (LOG2_E as f32));
  const to = state.slots + (((row * (state.slotSize + 4)) as usize) << 2);
  const budget = f32x4.splat(state.budget);
  const quarter = state.constants + MASKS;
  let phase = load<i32>(state.peaks + slot);
  let count = load<i32>(state.counts + slot);
  for (let j = 0; j < keys; j += 4) {
    const weight = exp2(f32x4.sub(v128.load(scores + ((j as usize) << 2)), lse), state.constants);
    // `min` hands a NaN on, which becomes 0 and is never kept: the weights of a row without a finite score.
    const q = f32x4.mul(f32x4.min(f32x4.splat(1), f32x4.mul(budget, weight)), f32x4.splat(ONE as f32));
    const whole = i32x4.trunc_sat_f32x4_s(f32x4.ceil(q));
    v128.store(quarter, whole);
    v128.store(quarter, weight, 16);
    for (let lane = 0; lane < 4; lane++) {
      const step = load<i32>(quarter + ((lane as usize) << 2));
      phase += step;
      if (phase < ONE) continue;
      phase -= ONE;
      if (count < state.slotSize) {
        const at = to + ((count as usize) << 2);
        store<i32>(state.indices + at, chunk + j + lane);
        const inverse: f32 = (ONE as f32) / (step as f32);
        store<f32>(state.data + at, load<f32>(quarter + ((lane as usize) << 2), 16) * inverse);
        if (state.factors != 0) store<f32>(state.factors + at, inverse);
      }
      count++;
    }
  }
  store<i32>(state.peaks + slot, phase);
  store<i32>(state.counts + slot, count);
}
