import { dot } from "../lib/vectors";
import { ENTRY, GRADIENT, PLACE, WEIGHT } from "./entries";
import { BLOCK } from "./scores-baseline";

// Ŵ sorted by columns, by counting. Every key head (its query heads' rows are neighbours in Ŵ) has its rows cut into
// `slices`; within a slice the entries stand column by column, within a column by row.

/** The first row of a slice; slices are counted over all key heads, of `rows` rows each. */
// @ts-ignore: decorator
@inline
function sliceStart(unit: i32, rows: i32, slices: i32): i32 {
  return (unit / slices) * rows + ((((unit % slices) as i64) * (rows as i64)) / (slices as i64)) as i32;
}

/** `starts[heads · slices, n]`: how many entries a slice has in each column. The range counts slices. */
export function attentionBackwardCount(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, indices: usize, starts: usize, n: i32, rows: i32, slices: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const counts = starts + (((unit as usize) * (n as usize)) << 2);
    memory.fill(counts, 0, (n as usize) << 2);
    const first = load<u32>(indptr + ((sliceStart(unit, rows, slices) as usize) << 2));
    const last = load<u32>(indptr + ((sliceStart(unit + 1, rows, slices) as usize) << 2));
    for (let e = first; e < last; e++) {
      const at = counts + ((load<u32>(indices + ((e as usize) << 2)) as usize) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    // A slice's entries stand where its rows do in Ŵ.
    let start = first;
    for (let at = counts; at < counts + ((n as usize) << 2); at += 4) {
      const count = load<u32>(at);
      store<u32>(at, start);
      start += count;
    }
  }
}

/**
 * Moves every entry to its column's place, which it takes from a copy of `starts` in the scratch, with D_i = dO_i · O_i.
 * Leaves in `gradient`, in the order of Ŵ, what dV multiplies with dO_i: `C_ij = Ŵ_ij − β_i/q_ij` with the baselines
 * `beta` [b, hq, n] and `factors` 1/q, or `Ŵ_ij` where those are at 0. C_ij is the entry's weight too where dQ and dK are
 * sampled above the baseline: for keys of earlier blocks, in heads that `gains` [b·hq] has a 1 for; it may be at 0.
 * The range counts slices; the scratch holds n u32.
 */
export function attentionBackwardMove(
  begin: i32, end: i32, scratch: usize,
  indptr: usize, indices: usize, data: usize, out: usize, dOut: usize, beta: usize, factors: usize, gains: usize,
  starts: usize, entries: usize, gradient: usize,
  n: i32, rows: i32, slices: i32, queryHeads: i32, d: i32, causal: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    memory.copy(scratch, starts + (((unit as usize) * (n as usize)) << 2), (n as usize) << 2);
    const lastRow = sliceStart(unit + 1, rows, slices);
    for (let row = sliceStart(unit, rows, slices); row < lastRow; row++) {
      const head = row / n;
      const query = ((head / queryHeads) * n + (row % n)) * queryHeads + (head % queryHeads);
      const offset = (query as usize) * (d as usize) * 4;
      const delta = dot(dOut + offset, out + offset, d);
      const baseline: f32 = beta == 0 ? 0 : load<f32>(beta + ((row as usize) << 2));
      let covered: u32 = 0;
      if (gains != 0 && load<u32>(gains + ((head as usize) << 2)) != 0) {
        covered = (causal == 0 ? n : ((row % n) / BLOCK) * BLOCK) as u32;
      }
      const last = load<u32>(indptr + ((row as usize) << 2), 4);
      for (let e = load<u32>(indptr + ((row as usize) << 2)); e < last; e++) {
        const from = (e as usize) << 2;
        const column = load<u32>(indices + from);
        const cursor = scratch + ((column as usize) << 2);
        const place = load<u32>(cursor);
        store<u32>(cursor, place + 1);
        const to = entries + (place as usize) * ENTRY;
        store<u32>(to, offset as u32);
        const weight = load<f32>(data + from);
        const above = beta == 0 ? weight : weight - baseline * load<f32>(factors + from);
        store<f32>(to, column < covered ? above : weight, WEIGHT);
        store<f32>(gradient + from, above);
        store<f32>(to, delta, GRADIENT);
        store<u32>(to, e, PLACE);
      }
    }
  }
}
