// The sample sorted by columns, by counting: the rows of every key head, which are neighbours in Ŵ, are cut into slices, and
// a workgroup deals with a slice. Of the part's key heads some are sorted at a time.

struct Uniforms {
  length: u32, queryHeads: u32, keyHeads: u32, depth: u32, firstRow: u32,
  firstHead: u32, sortedHeads: u32, slices: u32, firstEntry: u32, entries: u32, capacity: u32,
}

@group(1) @binding(0) var<uniform> u: Uniforms;

const WORKGROUP = 64u;

/** A slice: its key head, counted from the first that is sorted, and its rows of that head. */
struct Slice { head: u32, first: u32, end: u32 }

fn sliceOf(unit: u32) -> Slice {
  let rows = u.queryHeads / u.keyHeads * u.length;
  let height = (rows + u.slices - 1u) / u.slices;
  let first = min(unit % u.slices * height, rows);
  return Slice(unit / u.slices, first, min(first + height, rows));
}

/** The row of Ŵ. */
fn rowOf(slice: Slice, row: u32) -> u32 {
  return u.firstRow + (u.firstHead + slice.head) * (u.queryHeads / u.keyHeads * u.length) + row;
}
