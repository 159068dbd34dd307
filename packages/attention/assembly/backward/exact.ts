import { exp2, LOG2_E, storeExponentialConstants } from "../lib/exponential";
import { PANEL, PANEL_ROW, roundUp, SCORE_ROW, TILE } from "../lib/layout";
import { Held, multiply, Packed } from "../lib/multiply";
import { dot } from "../lib/vectors";

// The exact backward pass recomputes W from the scores and `lse`, block by block. Its tasks are pairs of a block of
// queries and a block of keys; `wave` w pairs block q with block q − w (round the corner where attention is not
// causal), so that no two tasks of a wave touch the same rows of dQ, dK or dV, and each sums up in a fixed order.

/** Queries and keys whose weights are held at a time. */
// @ts-ignore: decorator
@inline
const QUERIES: i32 = 48;
// @ts-ignore: decorator
@inline
const KEYS: i32 = 192;

// @ts-ignore: decorator
@inline
const CONSTANTS: usize = 256;

/** Bytes of the held weights of a block of queries. */
// @ts-ignore: decorator
@inline
const HELD: usize = 48 * SCORE_ROW;

@unmanaged
class State {
  constants: usize;
  weights: usize;
  gradients: usize;
  queryTiles: usize;
  dOutTiles: usize;
  queryRows: usize;
  dOutRows: usize;
  keyColumns: usize;
  keyRows: usize;
  valueColumns: usize;
  lse: usize;
  delta: usize;
  dq: usize;
  dk: usize;
  dv: usize;
  length: i32;
  depth: i32;
  causal: bool;
  /** Lengths padded to whole panels and to whole tiles. */
  rows: i32;
  tileRows: i32;
}

/** `delta[b·hq, n] = dO · O`, row by row: the range counts rows. */
export function attentionBackwardDelta(
  begin: i32, end: i32, _scratch: usize, out: usize, dOut: usize, delta: usize, n: i32, queryHeads: i32, d: i32,
): void {
  for (let row = begin; row < end; row++) {
    const head = row / n;
    const query = ((head / queryHeads) * n + (row % n)) * queryHeads + (head % queryHeads);
    const at = (query as usize) * (d as usize) * 4;
    store<f32>(delta + ((row as usize) << 2), dot(dOut + at, out + at, d));
  }
}

/**
 * One wave over blocks of `block` queries and keys, a multiple of 192: the range counts the tasks of all key heads.
 * `lse` and `delta` are [b, hq, n]; `dq`, `dk` and `dv` are sums in tiles [⌈d/8⌉, 6, 8], heads padded to whole tiles.
 */
export function attentionBackwardExact(
  begin: i32, end: i32, scratch: usize,
  queryTiles: usize, dOutTiles: usize, queryRows: usize, dOutRows: usize,
  keyColumns: usize, keyRows: usize, valueColumns: usize, lse: usize, delta: usize, dq: usize, dk: usize, dv: usize,
  length: i32, queryHeads: i32, keyHeads: i32, depth: i32, causal: i32, block: i32, wave: i32,
): void {
  const state = changetype<State>(scratch);
  state.constants = scratch + CONSTANTS;
  storeExponentialConstants(state.constants);
  state.weights = scratch + 512;
  state.gradients = state.weights + HELD;
  state.length = length;
  state.depth = depth;
  state.causal = causal != 0;
  state.rows = roundUp(length, PANEL);
  state.tileRows = ((length + TILE - 1) / TILE) * TILE;
  const columnBytes = (state.rows as usize) * (depth as usize) * 4;
  const rowBytes = (state.rows as usize) * (roundUp(depth, PANEL) as usize) * 4;
  const tileBytes = (state.tileRows as usize) * (depth as usize) * 4;
  const sumBytes = (state.tileRows as usize) * (roundUp(depth, PANEL) as usize) * 4;
  const blocks = (length + block - 1) / block;
  const tasks = causal != 0 ? blocks - wave : blocks;
  const heads = queryHeads / keyHeads;
  for (let unit = begin; unit < end; unit++) {
    const keyHead = (unit / tasks) as usize;
    const keyBlock = unit % tasks;
    const queryBlock = (keyBlock + wave) % blocks;
    state.keyColumns = keyColumns + keyHead * columnBytes;
    state.valueColumns = valueColumns + keyHead * columnBytes;
    state.keyRows = keyRows + keyHead * rowBytes;
    state.dk = dk + keyHead * sumBytes;
    state.dv = dv + keyHead * sumBytes;
    for (let h = 0; h < heads; h++) {
      const head = keyHead * (heads as usize) + (h as usize);
      state.queryTiles = queryTiles + head * tileBytes;
      state.dOutTiles = dOutTiles + head * tileBytes;
      state.queryRows = queryRows + head * rowBytes;
      state.dOutRows = dOutRows + head * rowBytes;
      state.lse = lse + head * (length as usize) * 4;
      state.delta = delta + head * (length as usize) * 4;
      state.dq = dq + head * sumBytes;
      task(state, queryBlock * block, min((queryBlock + 1) * block, length), keyBlock * block, min((keyBlock + 1) * block, length));
    }
  }
}

function task(state: State, firstQuery: i32, lastQuery: i32, firstKey: i32, lastKey: i32): void {
  for (let query = firstQuery; query < lastQuery; query += QUERIES) {
    const queries = min(QUERIES, lastQuery - query);
    const keys = state.causal ? min(lastKey, query + queries) : lastKey;
    for (let key = firstKey; key < keys; key += KEYS) {
      pair(state, query, queries, key, min(KEYS, keys - key));
    }
  }
}

/** The five products of a block of queries and a block of keys. */
function pair(state: State, query: i32, queries: i32, key: i32, keys: i32): void {
  const depth = state.depth;
  const panelBytes = (depth as usize) * PANEL_ROW;
  const panels = roundUp(keys, PANEL) / PANEL;
  const depthPanels = roundUp(depth, PANEL) / PANEL;
  const columnOffset = (key as usize) * (depth as usize) * 4;
  const rowPanel = (state.rows as usize) * PANEL_ROW;

  for (let r = 0; r < queries; r += TILE) {
    const offset = ((query + r) as usize) * (depth as usize) * 4;
    const held = (r as usize) * SCORE_ROW;
    const weights = state.weights + held;
    const gradients = state.gradients + held;
    heldProduct(state.queryTiles + offset, state.keyColumns + columnOffset, panelBytes, weights, depth, panels);
    heldProduct(state.dOutTiles + offset, state.valueColumns + columnOffset, panelBytes, gradients, depth, panels);
    for (let s = 0; s < min(TILE, queries - r); s++) {
      const row = query + r + s;
      const valid = state.causal ? min(max(row + 1 - key, 0), keys) : keys;
      differentiate(state, row, (r + s) as usize, valid, panels * PANEL);
    }
    const sums = state.dq + ((query + r) as usize) * ((depthPanels * PANEL) as usize) * 4;
    rowSums(gradients, state.keyRows + (key as usize) * PANEL_ROW, rowPanel, sums, keys, depthPanels);
  }
  for (let c = 0; c < keys; c += TILE) {
    const at = (c as usize) << 2;
    const sums = ((key + c) as usize) * ((depthPanels * PANEL) as usize) * 4;
    const from = (query as usize) * PANEL_ROW;
    columnSums(state.weights + at, state.dOutRows + from, rowPanel, state.dv + sums, queries, depthPanels);
    columnSums(state.gradients + at, state.queryRows + from, rowPanel, state.dk + sums, queries, depthPanels);
  }
}

/** Products of a tile of rows with packed columns, held. */
function heldProduct(tile: usize, columns: usize, panelBytes: usize, held: usize, depth: i32, panels: i32): void {
  multiply<Packed, Held>(tile, 24, columns, panelBytes, held, 32, depth, panels, false);
}

/** Adds a tile of held rows times packed rows: dQ += dS K. */
function rowSums(held: usize, rows: usize, panelBytes: usize, sums: usize, count: i32, panels: i32): void {
  multiply<Held, Packed>(held, 4, rows, panelBytes, sums, 192, count, panels, true);
}

/** Adds six held columns, transposed, times packed rows: dV += Wᵀ dO and dK += dSᵀ Q. */
function columnSums(held: usize, rows: usize, panelBytes: usize, sums: usize, count: i32, panels: i32): void {
  multiply<Packed, Packed>(held, SCORE_ROW, rows, panelBytes, sums, 192, count, panels, true);
}

/** Scores to `W = e^(s − lse)` and `dO · V` to `dS = W (dO · V − D)`, in place; both 0 from column `valid` on. */
function differentiate(state: State, row: i32, held: usize, valid: i32, width: i32): void {
  const lseOf = load<f32>(state.lse + ((row as usize) << 2));
  const lse = f32x4.splat(lseOf == -Infinity ? Infinity : lseOf * (LOG2_E as f32));
  const delta = v128.load32_splat(state.delta + ((row as usize) << 2));
  const weights = state.weights + held * SCORE_ROW;
  const shift = state.gradients - state.weights;
  const end = weights + ((width as usize) << 2);
  const visible = weights + (((valid + 3) & ~3) << 2);
  const constants = state.constants;
  let at = weights;
  for (; at < visible; at += 16) {
    const w = exp2(f32x4.sub(v128.load(at), lse), constants);
    v128.store(at, w);
    v128.store(at + shift, f32x4.mul(w, f32x4.sub(v128.load(at + shift), delta)));
  }
  for (let zero = weights + ((valid as usize) << 2); zero < visible; zero += 4) {
    store<f32>(zero, 0);
    store<f32>(zero + shift, 0);
  }
  for (; at < end; at += 16) {
    v128.store(at, f32x4.splat(0));
    v128.store(at + shift, f32x4.splat(0));
  }
}
