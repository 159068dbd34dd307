import { SCORE_ROW } from "../lib/layout";
import { MASKS } from "./constants";
import { candidateRow, State, strideOf } from "./state";

// Candidates: the entries of a row that may be kept, as indices and scores. A scan over a chunk marks entries by bits
// of 64-bit words, which are read afterwards: branching on every few entries would mispredict at every candidate.
// Chunks come the last first, and a row's buffer fills from its end, so that the indices ascend throughout.

/** The address of a row's buffer: indices, then scores, each `strideOf` bytes long. */
// @ts-ignore: decorator
@inline
export function bufferOf(state: State, local: i32): usize {
  return state.candidates + (local as usize) * candidateRow(state);
}

/** The address of the first of a row's candidates; its score is `strideOf` bytes behind. */
// @ts-ignore: decorator
@inline
export function firstOf(state: State, local: i32, count: i32): usize {
  return bufferOf(state, local) + ((4 + state.capacity - count) as usize << 2);
}

/** How many of `width` entries are marked. */
export function countMarked(state: State, width: i32): i32 {
  const masks = state.constants + MASKS;
  let count: u64 = 0;
  for (let word = masks; word < masks + ((width + 63) >> 6 << 3); word += 8) count += popcnt(load<u64>(word));
  return count as i32;
}

/** Puts the `marked` entries of the r-th row's chunk before its `count` candidates. */
export function prepend(state: State, r: i32, local: i32, count: i32, marked: i32, width: i32, chunk: i32): void {
  const masks = state.constants + MASKS;
  let to = firstOf(state, local, count + marked);
  for (let j = 0; j < width; j += 64) to = copyMarked(state, r, load<u64>(masks + ((j as usize) >> 3)), j, chunk, to);
}

/** `prepend` for the 64 entries from j on. */
export function prependWord(state: State, r: i32, local: i32, count: i32, mask: u64, j: i32, chunk: i32): void {
  copyMarked(state, r, mask, j, chunk, firstOf(state, local, count + (popcnt(mask) as i32)));
}

// @ts-ignore: decorator
@inline
function copyMarked(state: State, r: i32, mask: u64, j: i32, chunk: i32, to: usize): usize {
  const scores = state.scores + (r as usize) * SCORE_ROW;
  const shift = strideOf(state);
  for (; mask != 0; mask &= mask - 1) {
    const k = j + (ctz(mask) as i32);
    store<i32>(to, chunk + k);
    store<f32>(to + shift, load<f32>(scores + ((k as usize) << 2)));
    to += 4;
  }
  return to;
}

/** Marks the first `valid` of `width` entries. */
export function markAll(state: State, valid: i32, width: i32): void {
  for (let j = 0; j < width; j += 64) {
    const marked = min(max(valid - j, 0), 64);
    const mask: u64 = marked == 64 ? -1 : ((1 as u64) << marked) - 1;
    store<u64>(state.constants + MASKS + ((j as usize) >> 3), mask);
  }
}
