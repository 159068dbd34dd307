import { ENTRY } from "../lib/vectors";

// The transpose of Ŵ and dS by counting: every key head ("group": its query heads' rows are neighbours in Ŵ) gets its
// entries column by column. A group's rows are cut into `slices` that count and move entries apart from each other;
// the result is the same for any number of them.

/** The first row of a slice of a group's rows. */
// @ts-ignore: decorator
@inline
function sliceStart(unit: i32, rows: i32, slices: i32): i32 {
  const group = unit / slices;
  const slice = unit % slices;
  return group * rows + (((slice as i64) * (rows as i64)) / (slices as i64)) as i32;
}

/** `cursors[group, slice, n]`: how many entries a slice has in each column. The range counts slices of all groups. */
export function attentionBackwardCount(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, indices: usize, cursors: usize, n: i32, rows: i32, slices: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const counts = cursors + ((unit as usize) * (n as usize) << 2);
    memory.fill(counts, 0, (n as usize) << 2);
    const last = load<u32>(indptr + ((sliceStart(unit + 1, rows, slices) as usize) << 2));
    for (let e = load<u32>(indptr + ((sliceStart(unit, rows, slices) as usize) << 2)); e < last; e++) {
      const at = counts + ((load<u32>(indices + ((e as usize) << 2)) as usize) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
}

/**
 * Turns the counts into the places where each slice's entries of each column go, and `starts[group, n]` into where the
 * columns start. The range counts groups.
 */
export function attentionBackwardOffsets(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, cursors: usize, starts: usize, n: i32, rows: i32, slices: i32,
): void {
  const sliceBytes = (n as usize) << 2;
  for (let group = begin; group < end; group++) {
    let place = load<u32>(indptr + (((group * rows) as usize) << 2));
    let counts = cursors + ((group * slices) as usize) * sliceBytes;
    let start = starts + (group as usize) * sliceBytes;
    for (let j = 0; j < n; j++) {
      store<u32>(start, place);
      let at = counts;
      for (let slice = 0; slice < slices; slice++) {
        const count = load<u32>(at);
        store<u32>(at, place);
        place += count;
        at += sliceBytes;
      }
      counts += 4;
      start += 4;
    }
  }
}

/** Moves each entry to its column: the offset of its query in [b, n, hq, d], its weight and its gradient. */
export function attentionBackwardMove(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, indices: usize, data: usize, gradient: usize, cursors: usize, entries: usize,
  n: i32, rows: i32, slices: i32, queryHeads: i32, d: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const places = cursors + ((unit as usize) * (n as usize) << 2);
    const lastRow = sliceStart(unit + 1, rows, slices);
    for (let row = sliceStart(unit, rows, slices); row < lastRow; row++) {
      const head = row / n;
      const batch = head / queryHeads;
      const query = (batch * n + (row % n)) * queryHeads + (head % queryHeads);
      const offset = (query * d) << 2;
      const last = load<u32>(indptr + ((row as usize) << 2), 4);
      for (let e = load<u32>(indptr + ((row as usize) << 2)); e < last; e++) {
        const from = (e as usize) << 2;
        const cursor = places + ((load<u32>(indices + from) as usize) << 2);
        const place = load<u32>(cursor);
        store<u32>(cursor, place + 1);
        const to = entries + (place as usize) * ENTRY;
        store<u32>(to, offset);
        store<f32>(to, load<f32>(data + from), 4);
        store<f32>(to, load<f32>(gradient + from), 8);
      }
    }
  }
}
