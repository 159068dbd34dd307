import { fold, independentBits } from "../../../tensor/assembly/lib/random";
import { BAD_ROW, estimate, isWeight, probability } from "./probability";

const ONE: i32 = 1 << 24;

/** How many entries of each row [begin, end) the design `systematic` keeps, BAD_ROW where a weight is not one. */
export function systematicCount(
  begin: i32, end: i32, _scratch: usize,
  dense: usize, counts: usize, columns: u32, c: f32, k0: u32, k1: u32,
): void {
  const key = (k0 as u64) | ((k1 as u64) << 32);
  for (let row = begin as usize; row < (end as usize); row++) {
    const weights = dense + ((row * (columns as usize)) << 2);
    let phase = start(key, row as u32), count: u32 = 0;
    for (let j: u32 = 0; j < columns; j++) {
      const w = load<f32>(weights + ((j as usize) << 2));
      if (!isWeight(w)) {
        count = BAD_ROW;
        break;
      }
      phase += probability(w, c);
      if (phase >= ONE) {
        phase -= ONE;
        count++;
      }
    }
    store<u32>(counts + (row << 2), count);
  }
}

/** Writes the entries in which the running sum of q passes a whole number, for the rows [begin, end). */
export function systematicFill(
  begin: i32, end: i32, _scratch: usize,
  dense: usize, indptr: usize, indices: usize, data: usize, columns: u32, c: f32, k0: u32, k1: u32,
): void {
  const key = (k0 as u64) | ((k1 as u64) << 32);
  for (let row = begin as usize; row < (end as usize); row++) {
    const weights = dense + ((row * (columns as usize)) << 2);
    let phase = start(key, row as u32);
    let p = (load<u32>(indptr + (row << 2)) as usize) << 2;
    for (let j: u32 = 0; j < columns; j++) {
      const w = load<f32>(weights + ((j as usize) << 2));
      const q = probability(w, c);
      phase += q;
      if (phase < ONE) continue;
      phase -= ONE;
      store<u32>(indices + p, j);
      store<f32>(data + p, estimate(w, q));
      p += 4;
    }
  }
}

/** Where the walk of a row starts, in multiples of 2⁻²⁴. */
// @ts-ignore: decorator
@inline
function start(key: u64, row: u32): i32 {
  return (independentBits(fold(key, row), 0) >> 8) as i32;
}
