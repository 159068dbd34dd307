import { ENTRY, weightedSum } from "../lib/vectors";

/**
 * The half of the sampled backward pass that walks the columns of Ŵ: `dK_j = scale · Σ_i dS_ij Q_i` and
 * `dV_j = Σ_i Ŵ_ij dO_i`, over the entries that `attentionBackwardMove` sorted. The range counts entries, and one
 * more: a column belongs to the part in which it starts, so that parts have equally much to do.
 */
export function attentionBackwardColumns(
  begin: i32, end: i32, _scratch: usize,
  q: usize, dOut: usize, entries: usize, starts: usize, dk: usize, dv: usize,
  columns: i32, nnz: i32, n: i32, keyHeads: i32, d: i32, scale: f32,
): void {
  let column = firstFrom(starts, columns, begin as u32);
  for (; column < columns; column++) {
    const start = load<u32>(starts + ((column as usize) << 2));
    if (start >= (end as u32)) break;
    const last = column + 1 < columns ? load<u32>(starts + ((column as usize) << 2), 4) : (nnz as u32);
    const head = column / n;
    const key = ((head / keyHeads) * n + (column % n)) * keyHeads + (head % keyHeads);
    const at = (key as usize) * (d as usize) * 4;
    const list = entries + (start as usize) * ENTRY;
    const count = (last - start) as i32;
    weightedSum(dv + at, list, 4, count, dOut, d, 1);
    weightedSum(dk + at, list, 8, count, q, d, scale);
  }
}

/** The first column that starts at `place` or behind. */
function firstFrom(starts: usize, columns: i32, place: u32): i32 {
  let low = 0;
  let high = columns;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<u32>(starts + ((middle as usize) << 2)) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
