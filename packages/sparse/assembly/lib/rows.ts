/** The row that holds entry p of a CSR matrix: the last one that starts at or before it. */
export function rowOf(indptr: usize, rows: u32, p: u32): u32 {
  let low: u32 = 0, high = rows;
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    if (load<u32>(indptr + ((middle as usize) << 2)) <= p) low = middle;
    else high = middle;
  }
  return low;
}

/** Entry i of a u32 array. */
// @ts-ignore: decorator
@inline
export function at(array: usize, i: u32): u32 {
  return load<u32>(array + ((i as usize) << 2));
}

/** Entry i of an f32 array. */
// @ts-ignore: decorator
@inline
export function valueAt(array: usize, i: u32): f32 {
  return load<f32>(array + ((i as usize) << 2));
}
