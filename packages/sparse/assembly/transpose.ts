import { at, rowOf } from "./lib/rows";

// A counting sort by column, in three steps over `blocks` equal runs of entries, each with a histogram of its own. The
// stable order is unique, so the number of blocks, which may follow the number of threads, does not show in the result.

// @ts-ignore: decorator
@inline
function blockStart(block: u32, blocks: u32, nnz: u32): u32 {
  return (((block as u64) * (nnz as u64)) / (blocks as u64)) as u32;
}

/** Clears and fills the histograms of the blocks [begin, end): how many entries each column has there. */
export function transposeCount(
  begin: i32, end: i32, _scratch: usize,
  indices: usize, histograms: usize, columns: u32, nnz: u32, blocks: u32,
): void {
  const width = (columns as usize) << 2;
  for (let block = begin as u32; block < (end as u32); block++) {
    const histogram = histograms + (block as usize) * width;
    memory.fill(histogram, 0, width);
    const stop = blockStart(block + 1, blocks, nnz);
    for (let p = blockStart(block, blocks, nnz); p < stop; p++) {
      const slot = histogram + ((at(indices, p) as usize) << 2);
      store<u32>(slot, load<u32>(slot) + 1);
    }
  }
}

/** Counts to positions, one part: where each column starts, and where in it each block puts its first entry. */
export function transposeOffsets(
  _begin: i32, _end: i32, _scratch: usize,
  histograms: usize, outIndptr: usize, columns: u32, blocks: u32,
): void {
  let next: u32 = 0;
  for (let column: u32 = 0; column < columns; column++) {
    store<u32>(outIndptr + ((column as usize) << 2), next);
    for (let block: u32 = 0; block < blocks; block++) {
      const slot = histograms + (((block as usize) * (columns as usize) + (column as usize)) << 2);
      const count = load<u32>(slot);
      store<u32>(slot, next);
      next += count;
    }
  }
  store<u32>(outIndptr + ((columns as usize) << 2), next);
}

/** Puts the entries of the blocks [begin, end) where they belong: their row, and where they came from. */
export function transposeScatter(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, indices: usize, histograms: usize, outIndices: usize, permutation: usize,
  rows: u32, columns: u32, nnz: u32, blocks: u32,
): void {
  for (let block = begin as u32; block < (end as u32); block++) {
    const histogram = histograms + (((block as usize) * (columns as usize)) << 2);
    const last = blockStart(block + 1, blocks, nnz);
    let p = blockStart(block, blocks, nnz);
    let row = rowOf(indptr, rows, p);
    for (; p < last; row++) {
      const stop = min(at(indptr, row + 1), last);
      for (; p < stop; p++) {
        const slot = histogram + ((at(indices, p) as usize) << 2);
        const q = load<u32>(slot);
        store<u32>(slot, q + 1);
        store<u32>(outIndices + ((q as usize) << 2), row);
        store<u32>(permutation + ((q as usize) << 2), p);
      }
    }
  }
}

/** out[q] = data[permutation[q]] for q in [begin, end). */
export function gather(begin: i32, end: i32, _scratch: usize, data: usize, permutation: usize, out: usize): void {
  const last = (end as usize) << 2;
  for (let q = (begin as usize) << 2; q < last; q += 4) {
    store<u32>(out + q, at(data, load<u32>(permutation + q)));
  }
}
