import { PANEL, roundUp, SCORE_TILE } from "../lib/layout";
import { CONSTANT_BYTES, storeConstants } from "./constants";

/** How the pass over the keys samples. */
// @ts-ignore: decorator
@inline
export const NO_SAMPLE: i32 = 0;
// @ts-ignore: decorator
@inline
export const BERNOULLI: i32 = 1;
// @ts-ignore: decorator
@inline
export const PRIORITY: i32 = 2;

/** What the forward pass of one thread works with: the call's arguments, and buffers in its scratch memory. */
@unmanaged
export class State {
  // The problem: addresses of q [b, n, hq, d], the packed keys and values, out [b, n, hq, d] and lse [b, hq, n].
  query: usize;
  keys: usize;
  values: usize;
  out: usize;
  lse: usize;
  length: i32;
  queryHeads: i32;
  keyHeads: i32;
  depth: i32;
  causal: bool;
  /** scale · log2 e. */
  scale: f32;

  // Buffers for a block of rows, which share what is read of keys and values.
  blockRows: i32;
  constants: usize;
  /** Scores of a tile of rows against a chunk of keys, and their exponentials (the same place without a sample). */
  scores: usize;
  weights: usize;
  /** The block's queries, scaled, each tile as [d, 6]; its unnormalised outputs, each tile as [⌈d/8⌉, 6, 8]. */
  queryTiles: usize;
  outTiles: usize;
  /**
   * A row's peak so far, its largest score in powers of 2 rounded up, and its sum of exponentials relative to it, whose
   * logarithm takes its place in the end.
   */
  peaks: usize;
  totals: usize;

  // The baseline, where `beta` [b, hq, n] is not 0: a row's sum of reciprocals of exponentials relative to the peak.
  beta: usize;
  reciprocals: usize;

  // The sample, where one is drawn, and the plan of the head at hand, see plan.ts.
  design: i32;
  plans: usize;
  budget: f32;
  key: u64;
  /** A key a row, and how many candidates it has. */
  rowKeys: usize;
  counts: usize;
  /** priority: the (budget + 1)-th largest priority so far, −∞ while there are fewer entries. */
  limits: usize;
  /** `capacity` candidates a row: indices, then scores, then (priority) their priorities. */
  candidates: usize;
  capacity: i32;
  /** Where the kept entries go, see bernoulli.ts and priority.ts. */
  pointers: usize;
  indices: usize;
  data: usize;
  /** Where the inverse probabilities of the kept entries go; 0 where nobody needs them. */
  factors: usize;
  /** Room of a row's slot, and where the head's first one starts, in bytes. */
  slotSize: i32;
  slots: usize;
}

/** Bytes from the start of the scratch memory to the constants: room for a state. */
// @ts-ignore: decorator
@inline
const STATE_BYTES: usize = 256;

/** Bytes of an array of candidates: four places are spare, for what is done four at a time. */
// @ts-ignore: decorator
@inline
export function strideOf(state: State): usize {
  return ((state.capacity + 4) as usize) << 2;
}

/** Bytes of one row's candidates, which are kept off the powers of two, where rows would share cache sets. */
// @ts-ignore: decorator
@inline
export function candidateRow(state: State): usize {
  return strideOf(state) * (state.design == PRIORITY ? 3 : 2) + 64;
}

/** Lays the buffers out behind the state; `scratchBytes` of src/attention/wasm/scratch.ts adds up the same. */
export function layOut(state: State): void {
  const rows = state.blockRows as usize;
  const sampling = state.design != NO_SAMPLE;
  state.constants = changetype<usize>(state) + STATE_BYTES;
  storeConstants(state.constants);
  let at = state.constants + CONSTANT_BYTES;
  state.scores = at;
  at += SCORE_TILE;
  state.weights = sampling ? at : state.scores;
  at += SCORE_TILE;
  state.outTiles = at;
  at += rows * (roundUp(state.depth, PANEL) as usize) * 4;
  state.queryTiles = at;
  at += rows * (state.depth as usize) * 4;
  state.peaks = at;
  at += rows * 4;
  state.totals = at;
  at += rows * 4;
  state.reciprocals = at;
  at += rows * 4;
  state.counts = at;
  at += rows * 4;
  state.limits = at;
  at += rows * 4;
  at = (at + 63) & ~63;
  state.rowKeys = at;
  at += rows * 8;
  state.candidates = at;
}

/** The address of the first element of row i of query head `head` in [b, n, hq, d]. */
// @ts-ignore: decorator
@inline
export function rowOf(state: State, tensor: usize, head: i32, i: i32): usize {
  const batch = head / state.queryHeads;
  const row = (batch * state.length + i) * state.queryHeads + (head % state.queryHeads);
  return tensor + (row as usize) * (state.depth as usize) * 4;
}

/** Sets up the state of one thread in its scratch memory. */
export function open(
  scratch: usize, query: usize, out: usize, lse: usize, keys: usize, values: usize,
  length: i32, queryHeads: i32, keyHeads: i32, depth: i32, causal: i32, scale: f32, blockRows: i32, beta: usize,
): State {
  const state = changetype<State>(scratch);
  state.query = query;
  state.keys = keys;
  state.values = values;
  state.out = out;
  state.lse = lse;
  state.length = length;
  state.queryHeads = queryHeads;
  state.keyHeads = keyHeads;
  state.depth = depth;
  state.causal = causal != 0;
  state.scale = scale;
  state.blockRows = blockRows;
  state.beta = beta;
  return state;
}
