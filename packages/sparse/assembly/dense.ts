import { at } from "./lib/rows";

/** counts[i] = how many entries of the dense row i are not 0, for the rows [begin, end). NaN counts. */
export function countNonzero(begin: i32, end: i32, _scratch: usize, dense: usize, counts: usize, columns: u32): void {
  const width = (columns as usize) << 2;
  for (let row = begin as usize; row < (end as usize); row++) {
    const first = dense + row * width;
    let count: u32 = 0;
    for (let t: usize = 0; t < width; t += 4) count += (load<f32>(first + t) !== 0) as u32;
    store<u32>(counts + (row << 2), count);
  }
}

/** Writes the columns and values of the entries that are not 0, for the rows [begin, end). */
export function gatherNonzero(
  begin: i32, end: i32, _scratch: usize, dense: usize, indptr: usize, indices: usize, data: usize, columns: u32,
): void {
  for (let row = begin as usize; row < (end as usize); row++) {
    const first = dense + ((row * (columns as usize)) << 2);
    let p = (load<u32>(indptr + (row << 2)) as usize) << 2;
    for (let j: u32 = 0; j < columns; j++) {
      const value = load<f32>(first + ((j as usize) << 2));
      if (value === 0) continue;
      store<u32>(indices + p, j);
      store<f32>(data + p, value);
      p += 4;
    }
  }
}

/** The rows [begin, end) of the dense matrix: zeros, then the entries. */
export function scatterRows(
  begin: i32, end: i32, _scratch: usize, indptr: usize, indices: usize, data: usize, dense: usize, columns: u32,
): void {
  const width = (columns as usize) << 2;
  memory.fill(dense + (begin as usize) * width, 0, ((end - begin) as usize) * width);
  for (let row = begin as u32; row < (end as u32); row++) {
    const target = dense + (row as usize) * width;
    const stop = at(indptr, row + 1);
    for (let p = at(indptr, row); p < stop; p++) {
      store<u32>(target + ((at(indices, p) as usize) << 2), at(data, p));
    }
  }
}
