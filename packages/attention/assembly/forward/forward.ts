import { CHUNK, TILE } from "../lib/layout";
import { keepBernoulli } from "./bernoulli";
import { finishRow, startBlock } from "./block";
import { followPlan } from "./plan";
import { keepPriority } from "./priority";
import { BERNOULLI, layOut, NO_SAMPLE, open, PRIORITY, State } from "./state";
import { attendTile } from "./tile";

/** Exact attention, rows in blocks, and their baselines where `beta` is not 0: the range counts the blocks of all heads. */
export function attentionForward(
  begin: i32, end: i32, scratch: usize,
  query: usize, out: usize, lse: usize, keys: usize, values: usize,
  length: i32, queryHeads: i32, keyHeads: i32, depth: i32, causal: i32, scale: f32, blockRows: i32, beta: usize,
): void {
  const state = open(scratch, query, out, lse, keys, values, length, queryHeads, keyHeads, depth, causal, scale, blockRows, beta);
  state.design = NO_SAMPLE;
  layOut(state);
  attend(state, begin, end);
}

/**
 * `attentionForward`, and a bernoulli sample of the weights on the way: row r leaves its count in `counts[r]` and its
 * entries, ascending, in its slot of `slotIndices`, `slotData` and (unless 0) `slotFactors`; a count above the slot's size says what
 * it should have held, `CROWDED` that the candidates did not fit. `plans` holds budget and room of every head, see plan.ts.
 */
export function attentionForwardBernoulli(
  begin: i32, end: i32, scratch: usize,
  query: usize, out: usize, lse: usize, keys: usize, values: usize,
  length: i32, queryHeads: i32, keyHeads: i32, depth: i32, causal: i32, scale: f32, blockRows: i32, beta: usize,
  plans: usize, k0: u32, k1: u32, counts: usize, slotIndices: usize, slotData: usize, slotFactors: usize,
): void {
  const state = open(scratch, query, out, lse, keys, values, length, queryHeads, keyHeads, depth, causal, scale, blockRows, beta);
  state.design = BERNOULLI;
  state.plans = plans;
  state.key = (k0 as u64) | ((k1 as u64) << 32);
  state.pointers = counts;
  state.indices = slotIndices;
  state.data = slotData;
  state.factors = slotFactors;
  layOut(state);
  attend(state, begin, end);
}

/**
 * `attentionForward`, and a priority sample of the weights on the way: min(budget of the head, keys of the row) entries a row,
 * ascending, from `indptr[r]` on in `indices`, `data` and (unless 0) `factors`.
 */
export function attentionForwardPriority(
  begin: i32, end: i32, scratch: usize,
  query: usize, out: usize, lse: usize, keys: usize, values: usize,
  length: i32, queryHeads: i32, keyHeads: i32, depth: i32, causal: i32, scale: f32, blockRows: i32, beta: usize,
  plans: usize, k0: u32, k1: u32, indptr: usize, indices: usize, data: usize, factors: usize,
): void {
  const state = open(scratch, query, out, lse, keys, values, length, queryHeads, keyHeads, depth, causal, scale, blockRows, beta);
  state.design = PRIORITY;
  state.plans = plans;
  state.key = (k0 as u64) | ((k1 as u64) << 32);
  state.pointers = indptr;
  state.indices = indices;
  state.data = data;
  state.factors = factors;
  layOut(state);
  attend(state, begin, end);
}

/**
 * The block that comes `position`th: the longest causal block, the shortest, the second longest and so on, so that
 * any two parts of the range that hold equally many pairs have equally much to do.
 */
// @ts-ignore: decorator
@inline
export function balanced(position: i32, blocks: i32): i32 {
  return (position & 1) == 0 ? blocks - 1 - (position >> 1) : position >> 1;
}

function attend(state: State, begin: i32, end: i32): void {
  const length = state.length;
  const blocks = (length + state.blockRows - 1) / state.blockRows;
  for (let unit = begin; unit < end; unit++) {
    const head = unit / blocks;
    const first = (state.causal ? balanced(unit % blocks, blocks) : unit % blocks) * state.blockRows;
    attendBlock(state, head, first, min(first + state.blockRows, length));
  }
}

/**
 * Rows [first, last) of one head. Keys come in chunks, the most recent first, which is where causal attention finds
 * most of its weight: the normaliser is soon nearly right and few candidates are taken in vain.
 */
function attendBlock(state: State, head: i32, first: i32, last: i32): void {
  if (state.design != NO_SAMPLE) followPlan(state, head);
  startBlock(state, head, first, last);
  const keys = state.causal ? last : state.length;
  for (let chunk = ((keys - 1) / CHUNK) * CHUNK; chunk >= 0; chunk -= CHUNK) {
    for (let row = first; row < last; row += TILE) {
      attendTile(state, head, first, row, min(row + TILE, last), chunk);
    }
  }
  for (let row = first; row < last; row++) {
    finishRow(state, head, first, row);
    if (state.design == BERNOULLI) keepBernoulli(state, head, row, row - first);
    else if (state.design == PRIORITY) keepPriority(state, head, row, row - first);
  }
}
