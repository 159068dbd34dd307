import { slotOf } from "./plan";

/**
 * Copies the rows' entries out of their slots, to where `indptr` says, with their factors where those are not at 0. The
 * range counts rows.
 */
export function attentionForwardCollect(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, slotIndices: usize, slotData: usize, slotFactors: usize, plans: usize, n: i32,
  indices: usize, data: usize, factors: usize,
): void {
  for (let row = begin as usize; row < (end as usize); row++) {
    const first = load<u32>(indptr + (row << 2));
    const count = load<u32>(indptr + (row << 2), 4) - first;
    const from = slotOf(plans, (row as i32) / n, (row as i32) % n);
    const to = (first as usize) << 2;
    copy(indices + to, slotIndices + from, (count as usize) << 2);
    copy(data + to, slotData + from, (count as usize) << 2);
    if (factors != 0) copy(factors + to, slotFactors + from, (count as usize) << 2);
  }
}

/** Rows are short: a loop is faster than a call of `memory.copy`. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
  for (; at < bytes; at += 4) store<u32>(to + at, load<u32>(from + at));
}
