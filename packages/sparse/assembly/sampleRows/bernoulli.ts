import { fold, rotationBits } from "../../../tensor/assembly/lib/random";
import { BAD_ROW, estimate, isWeight, probabilities, probability } from "./probability";

/** How many entries of each row [begin, end) the design `bernoulli` keeps, BAD_ROW where a weight is not one. */
export function bernoulliCount(
  begin: i32, end: i32, _scratch: usize,
  dense: usize, counts: usize, columns: u32, c: f32, k0: u32, k1: u32,
): void {
  const key = (k0 as u64) | ((k1 as u64) << 32);
  for (let row = begin as usize; row < (end as usize); row++) {
    const count = countRow(dense + ((row * (columns as usize)) << 2), columns, c, fold(key, row as u32));
    store<u32>(counts + (row << 2), count);
  }
}

function countRow(weights: usize, columns: u32, c: f32, key: u64): u32 {
  const infinity = f32x4.splat(Infinity), cs = f32x4.splat(c);
  let bits = firstBits(key), ok = i32x4.splat(-1), count: u32 = 0, j: u32 = 0;
  for (; j + 4 <= columns; j += 4) {
    const w = v128.load(weights + ((j as usize) << 2));
    ok = v128.and(ok, v128.and(f32x4.ge(w, f32x4.splat(0)), f32x4.lt(w, infinity)));
    count += popcnt(keptOf(w, cs, bits));
    bits = i32x4.add(bits, i32x4.splat(rotationBits(0, 4)));
  }
  let good = i32x4.all_true(ok);
  for (; j < columns; j++) {
    const w = load<f32>(weights + ((j as usize) << 2));
    good = good && isWeight(w);
    count += keeps(w, c, key, j) as u32;
  }
  return good ? count : BAD_ROW;
}

/** Writes the kept entries and their estimates w / q, for the rows [begin, end). */
export function bernoulliFill(
  begin: i32, end: i32, _scratch: usize,
  dense: usize, indptr: usize, indices: usize, data: usize, columns: u32, c: f32, k0: u32, k1: u32,
): void {
  const key = (k0 as u64) | ((k1 as u64) << 32);
  for (let row = begin as usize; row < (end as usize); row++) {
    const p = (load<u32>(indptr + (row << 2)) as usize) << 2;
    const weights = dense + ((row * (columns as usize)) << 2);
    fillRow(weights, indices + p, data + p, columns, c, fold(key, row as u32));
  }
}

function fillRow(weights: usize, indices: usize, data: usize, columns: u32, c: f32, key: u64): void {
  const cs = f32x4.splat(c);
  let bits = firstBits(key), j: u32 = 0;
  for (; j + 4 <= columns; j += 4) {
    let kept = keptOf(v128.load(weights + ((j as usize) << 2)), cs, bits);
    for (; kept !== 0; kept &= kept - 1) {
      const entry = j + ctz(kept);
      const w = load<f32>(weights + ((entry as usize) << 2));
      store<u32>(indices, entry);
      store<f32>(data, estimate(w, probability(w, c)));
      indices += 4;
      data += 4;
    }
    bits = i32x4.add(bits, i32x4.splat(rotationBits(0, 4)));
  }
  for (; j < columns; j++) {
    const w = load<f32>(weights + ((j as usize) << 2));
    if (!keeps(w, c, key, j)) continue;
    store<u32>(indices, j);
    store<f32>(data, estimate(w, probability(w, c)));
    indices += 4;
    data += 4;
  }
}

/** The random bits of the entries 0 to 3 of a row. */
// @ts-ignore: decorator
@inline
function firstBits(key: u64): v128 {
  let bits = i32x4.splat(rotationBits(key, 0));
  bits = i32x4.replace_lane(bits, 1, rotationBits(key, 1));
  bits = i32x4.replace_lane(bits, 2, rotationBits(key, 2));
  return i32x4.replace_lane(bits, 3, rotationBits(key, 3));
}

/** Which of four entries are kept, a bit each. */
// @ts-ignore: decorator
@inline
function keptOf(w: v128, c: v128, bits: v128): i32 {
  return i32x4.bitmask(i32x4.lt_s(i32x4.shr_u(bits, 8), probabilities(w, c)));
}

// @ts-ignore: decorator
@inline
function keeps(w: f32, c: f32, key: u64, j: u32): bool {
  return ((rotationBits(key, j) >> 8) as i32) < probability(w, c);
}
