import { fold } from "../../../tensor/assembly/lib/random";
import { log2 } from "../lib/exponential";
import { LOWEST, PANEL, roundUp, TILE } from "../lib/layout";
import { packTile } from "../pack";
import { finishBaseline } from "./baseline";
import { NO_SAMPLE, rowOf, State } from "./state";

/** Packs the queries of rows [first, last) and clears what is summed up over their keys. */
export function startBlock(state: State, head: i32, first: i32, last: i32): void {
  const depth = state.depth;
  const tileBytes = ((depth * TILE) as usize) * 4;
  const headKey = state.design == NO_SAMPLE ? 0 : fold(state.key, head as u32);
  const stride = ((state.queryHeads * depth) as usize) << 2;
  let tile = state.queryTiles;
  for (let row = first; row < last; row += TILE) {
    packTile(rowOf(state, state.query, head, row), stride, tile, min(TILE, last - row), depth, state.scale);
    tile += tileBytes;
  }
  const rows = roundUpToTile(last - first);
  memory.fill(state.outTiles, 0, (rows as usize) * (roundUp(depth, PANEL) as usize) * 4);
  for (let r = 0; r < rows; r++) {
    const at = (r as usize) << 2;
    store<f32>(state.peaks + at, LOWEST);
    store<f32>(state.totals + at, 0);
    store<f32>(state.reciprocals + at, 0);
    if (state.design == NO_SAMPLE) continue;
    store<i32>(state.counts + at, 0);
    store<f32>(state.limits + at, -Infinity);
    store<u64>(state.rowKeys + (at << 1), fold(headKey, (first + r) as u32));
  }
}

// @ts-ignore: decorator
@inline
function roundUpToTile(rows: i32): i32 {
  return ((rows + TILE - 1) / TILE) * TILE;
}

/** Normalises a row and writes it out: `out = Σ e^s v / Σ e^s` and `lse = ln Σ e^s`; 0 and −∞ where no weight is left. */
export function finishRow(state: State, head: i32, first: i32, row: i32): void {
  const local = row - first;
  const total = load<f32>(state.totals + ((local as usize) << 2));
  const peak = load<f32>(state.peaks + ((local as usize) << 2));
  const inverse: f32 = total == 0 ? 0 : 1 / total;
  const depth = state.depth;
  const panels = roundUp(depth, PANEL) / PANEL;
  let from = state.outTiles + ((((local / TILE) * panels * TILE + (local % TILE)) as usize) << 5);
  let to = rowOf(state, state.out, head, row);
  const factor = f32x4.splat(inverse);
  let t = 0;
  for (; t + PANEL <= depth; t += PANEL) {
    v128.store(to, f32x4.mul(v128.load(from), factor));
    v128.store(to, f32x4.mul(v128.load(from, 16), factor), 16);
    from += 32 * (TILE as usize);
    to += 32;
  }
  for (; t < depth; t++) {
    store<f32>(to, load<f32>(from) * inverse);
    from += 4;
    to += 4;
  }
  if (state.beta != 0) finishBaseline(state, head, row, (local as usize) << 2);
  // The logarithm stays apart from the peak: where scores are large, their sum would not be precise enough for weights.
  const logarithm = log2(total);
  store<f32>(state.totals + ((local as usize) << 2), logarithm as f32);
  const lse = ((peak as f64) + logarithm) * 0.6931471805599453;
  store<f32>(state.lse + (((head * state.length + row) as usize) << 2), lse as f32);
}
