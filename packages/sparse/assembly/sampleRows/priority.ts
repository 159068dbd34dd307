import { fold, independentBits, toUniform } from "../../../tensor/assembly/lib/random";
import { BAD_ROW, isWeight } from "./probability";

/** min(c, positive weights) for each row [begin, end), BAD_ROW where a weight is not one. */
export function priorityCount(
  begin: i32, end: i32, _scratch: usize,
  dense: usize, counts: usize, columns: u32, c: u32, _k0: u32, _k1: u32,
): void {
  for (let row = begin as usize; row < (end as usize); row++) {
    const weights = dense + ((row * (columns as usize)) << 2);
    let positive: u32 = 0, good = true;
    for (let j: u32 = 0; j < columns; j++) {
      const w = load<f32>(weights + ((j as usize) << 2));
      good = good && isWeight(w);
      positive += (w > 0) as u32;
    }
    store<u32>(counts + (row << 2), good ? min(c, positive) : BAD_ROW);
  }
}

/**
 * Writes the c entries of the largest priorities w / u and their estimates max(w, τ), for the rows [begin, end).
 * The scratch holds c + 1 float64. Priorities are float64, as in the specification, so that both agree on every tie.
 */
export function priorityFill(
  begin: i32, end: i32, scratch: usize,
  dense: usize, indptr: usize, indices: usize, data: usize, columns: u32, c: u32, k0: u32, k1: u32,
): void {
  const key = (k0 as u64) | ((k1 as u64) << 32);
  for (let row = begin as usize; row < (end as usize); row++) {
    const weights = dense + ((row * (columns as usize)) << 2);
    const rowKey = fold(key, row as u32);
    const largest = heapOfLargest(scratch, c + 1, weights, columns, rowKey);
    const threshold = largest > c ? load<f64>(scratch) : 0;
    let ties = tiesAbove(scratch, largest, threshold);
    let p = (load<u32>(indptr + (row << 2)) as usize) << 2;
    for (let j: u32 = 0; j < columns; j++) {
      const w = load<f32>(weights + ((j as usize) << 2));
      const value = priority(w, rowKey, j);
      if (value < threshold) continue;
      if (value === threshold && ties-- <= 0) continue;
      store<u32>(indices + p, j);
      store<f32>(data + p, max<f64>(w as f64, threshold) as f32);
      p += 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function priority(w: f32, rowKey: u64, j: u32): f64 {
  return (w as f64) / (toUniform(independentBits(rowKey, j)) as f64);
}

/** The `capacity` largest positive priorities of a row as a heap, the smallest on top; returns how many there are. */
function heapOfLargest(heap: usize, capacity: u32, weights: usize, columns: u32, rowKey: u64): u32 {
  let size: u32 = 0;
  for (let j: u32 = 0; j < columns; j++) {
    const value = priority(load<f32>(weights + ((j as usize) << 2)), rowKey, j);
    if (size < capacity) {
      if (value > 0) siftUp(heap, size++, value);
    } else if (value > load<f64>(heap)) {
      siftDown(heap, size, value);
    }
  }
  return size;
}

/** How many entries at the threshold are kept: those in the heap but its top, none where the threshold is 0. */
function tiesAbove(heap: usize, size: u32, threshold: f64): i32 {
  let ties = -1;
  for (let i: u32 = 0; i < size; i++) ties += (at(heap, i) === threshold) as i32;
  return ties;
}

/** Adds a value to a heap of `size`. */
function siftUp(heap: usize, size: u32, value: f64): void {
  let hole = size;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = at(heap, parent);
    if (above <= value) break;
    store<f64>(heap + ((hole as usize) << 3), above);
    hole = parent;
  }
  store<f64>(heap + ((hole as usize) << 3), value);
}

/** Puts a value in the place of the smallest. */
function siftDown(heap: usize, size: u32, value: f64): void {
  let hole: u32 = 0;
  for (let child: u32 = 1; child < size; child = 2 * hole + 1) {
    if (child + 1 < size && at(heap, child + 1) < at(heap, child)) child++;
    if (at(heap, child) >= value) break;
    store<f64>(heap + ((hole as usize) << 3), at(heap, child));
    hole = child;
  }
  store<f64>(heap + ((hole as usize) << 3), value);
}

// @ts-ignore: decorator
@inline
function at(heap: usize, i: u32): f64 {
  return load<f64>(heap + ((i as usize) << 3));
}
