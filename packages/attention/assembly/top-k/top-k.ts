import { EXP_BYTES, expPs, storeExpConstants } from "../../../tensor/assembly/lib/exp";
import { fma } from "../../../tensor/assembly/lib/fma";
import { loadLanes, sumLanes } from "../../../tensor/assembly/lib/lanes";

// The k largest weights of each row, found with a heap of k entries whose root is the smallest: a control for
// experiments, so simple rather than fast. Scores are computed a second time, one inner product at a time.

/** Rows [begin, end) of W: row r is position r % length of head r / length, whose entries start at indptr[r]. */
export function attentionTopK(
  begin: i32, end: i32, scratch: usize,
  q: usize, k: usize, lse: usize, indptr: usize, indices: usize, data: usize,
  length: i32, queryHeads: i32, keyHeads: i32, depth: i32, causal: i32, scale: f32,
): void {
  storeExpConstants(scratch);
  const heap = scratch + EXP_BYTES;
  const keyRow = ((keyHeads * depth) as usize) << 2;
  for (let row = begin; row < end; row++) {
    const i = row % length, head = (row / length) % queryHeads, batch = row / length / queryHeads;
    const first = load<u32>(indptr + ((row as usize) << 2));
    const room = (load<u32>(indptr + ((row as usize) << 2), 4) - first) as i32;
    const query = q + (((((batch * length + i) as usize) * (queryHeads as usize) + (head as usize)) * (depth as usize)) << 2);
    let key = k + (((((batch * length) as usize) * (keyHeads as usize) + ((head * keyHeads / queryHeads) as usize)) * (depth as usize)) << 2);
    const seen = causal ? i + 1 : length;
    let count = 0;
    for (let j = 0; j < seen; j++) {
      const score = dot(query, key, depth) * scale;
      if (count < room) rise(heap, count++, score, j);
      else if (score > load<f32>(heap)) sink(heap, room, score, j);
      key += keyRow;
    }
    sortByIndex(heap, count);
    const normaliser = load<f32>(lse + ((row as usize) << 2));
    for (let e = 0; e < count; e++) {
      const to = ((first as usize) + (e as usize)) << 2;
      store<i32>(indices + to, load<i32>(heap + ((e as usize) << 3), 4));
      const score = load<f32>(heap + ((e as usize) << 3));
      store<f32>(data + to, f32x4.extract_lane(expPs(f32x4.splat(score - normaliser), scratch), 0));
    }
  }
}

function dot(a: usize, b: usize, depth: i32): f32 {
  let sum = f32x4.splat(0);
  let t = 0;
  for (; t + 4 <= depth; t += 4) sum = fma(v128.load(a + ((t as usize) << 2)), v128.load(b + ((t as usize) << 2)), sum);
  if (t < depth) {
    const rest = (depth - t) as usize;
    sum = fma(loadLanes(a + ((t as usize) << 2), rest), loadLanes(b + ((t as usize) << 2), rest), sum);
  }
  return sumLanes(sum);
}

/** Whether entry (score, j) goes before another: of equal scores the later index does. */
// @ts-ignore: decorator
@inline
function below(score: f32, j: i32, other: usize): bool {
  const value = load<f32>(other);
  return score < value || (score == value && j > load<i32>(other, 4));
}

/** Adds an entry at the end of a heap of `count` and moves it up to its place. */
function rise(heap: usize, count: i32, score: f32, j: i32): void {
  let at = count;
  while (at > 0) {
    const parent = heap + ((((at - 1) >> 1) as usize) << 3);
    if (!below(score, j, parent)) break;
    store<u64>(heap + ((at as usize) << 3), load<u64>(parent));
    at = (at - 1) >> 1;
  }
  store<f32>(heap + ((at as usize) << 3), score);
  store<i32>(heap + ((at as usize) << 3), j, 4);
}

/** Replaces the root of a heap of `count` and moves the entry down to its place. */
function sink(heap: usize, count: i32, score: f32, j: i32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    let pointer = heap + ((child as usize) << 3);
    if (child + 1 < count && below(load<f32>(pointer, 8), load<i32>(pointer, 12), pointer)) {
      child++;
      pointer += 8;
    }
    if (below(score, j, pointer)) break;
    store<u64>(heap + ((at as usize) << 3), load<u64>(pointer));
    at = child;
  }
  store<f32>(heap + ((at as usize) << 3), score);
  store<i32>(heap + ((at as usize) << 3), j, 4);
}

/** By insertion: rows are short. */
function sortByIndex(heap: usize, count: i32): void {
  for (let e = 1; e < count; e++) {
    const entry = load<u64>(heap + ((e as usize) << 3));
    const j = (entry >> 32) as i32;
    let at = e;
    while (at > 0 && load<i32>(heap + (((at - 1) as usize) << 3), 4) > j) {
      store<u64>(heap + ((at as usize) << 3), load<u64>(heap + (((at - 1) as usize) << 3)));
      at--;
    }
    store<u64>(heap + ((at as usize) << 3), entry);
  }
}
