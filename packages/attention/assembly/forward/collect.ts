/** Copies the rows' entries out of their slots, to where `indptr` says: the range counts rows. */
export function attentionForwardCollect(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, slotIndices: usize, slotData: usize, slotSize: i32, indices: usize, data: usize,
): void {
  for (let row = begin as usize; row < (end as usize); row++) {
    const first = load<u32>(indptr + (row << 2));
    const count = load<u32>(indptr + (row << 2), 4) - first;
    const from = row * (slotSize as usize) * 4;
    const to = (first as usize) << 2;
    memory.copy(indices + to, slotIndices + from, (count as usize) << 2);
    memory.copy(data + to, slotData + from, (count as usize) << 2);
  }
}
