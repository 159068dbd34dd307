/** out[t] = table[tokens[t]] for the positions t in [begin, end). */
export function embedding(
  begin: i32, end: i32, _scratch: usize, table: usize, tokens: usize, out: usize, width: i32,
): void {
  const row = (width as usize) << 2;
  for (let t = begin as usize; t < (end as usize); t++) {
    memory.copy(out + t * row, table + (load<u32>(tokens + (t << 2)) as usize) * row, row);
  }
}

/**
 * dTable[v, j] = Σ over the t with tokens[t] = v of dOut[t, j], for the columns j in [begin, end): every part owns
 * columns, so rows that several positions share need no atomics and are summed in the order of t.
 */
export function embeddingBackward(
  begin: i32, end: i32, _scratch: usize,
  tokens: usize, dOut: usize, dTable: usize, count: i32, vocabulary: i32, width: i32,
): void {
  const row = (width as usize) << 2;
  const first = (begin as usize) << 2, last = (end as usize) << 2;
  for (let v: usize = 0; v < (vocabulary as usize); v++) memory.fill(dTable + v * row + first, 0, last - first);
  for (let t: usize = 0; t < (count as usize); t++) {
    const from = dOut + t * row, to = dTable + (load<u32>(tokens + (t << 2)) as usize) * row;
    let j = first;
    for (; j + 16 <= last; j += 16) v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(from + j)));
    for (; j < last; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(from + j));
  }
}
