// Choosing entries of a dense matrix row by row: a workgroup a row, a strip of neighbouring columns a thread, so that the
// order of the columns is that of the threads. What is chosen says the part between this one and count.wgsl or fill.wgsl:
//
//   isAllowed(bits) → bool   whether such a value may be there at all;
//   beginRow(row, lane)      called by all threads at first;
//   beginStrip()             called before a walk along the strip;
//   keeps(j) → bool          called once for every column of the strip, in order;
//   valueOf(j) → f32         what is stored for a column that is kept.

override WORKGROUP: u32 = 256;

struct Uniforms {
  rows: u32, firstRow: u32, columns: u32, firstEntry: u32, entries: u32, most: u32, budget: f32, k0: u32, k1: u32,
}

/** By their bits, which tells apart what a GPU may take for equal: tiny numbers and 0, infinities and none. */
@group(0) @binding(0) var<storage, read> dense: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

var<private> rowStart: u32;

fn bitsAt(j: u32) -> u32 {
  return dense[rowStart + j];
}

struct Strip { begin: u32, end: u32 }

fn stripOf(lane: u32) -> Strip {
  let share = (u.columns + WORKGROUP - 1u) / WORKGROUP;
  let begin = min(lane * share, u.columns);
  return Strip(begin, min(begin + share, u.columns));
}
