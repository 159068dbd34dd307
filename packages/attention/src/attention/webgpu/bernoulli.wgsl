// The bernoulli design: an entry is kept iff m < q·2^24, where m are its 24 random bits and q = min(1, c·W). The row's
// weights are known only up to the normaliser, which can but grow with further keys: m < c·2^24·e^(s − lse so far) is a test
// that no entry fails which passes the final one. Candidates that a slot has no room for are tested again with the normaliser
// so far; about c are left then, and where they still do not fit the row is `CROWDED`, for the second pass.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, causal: u32, firstTile: u32, tiles: u32,
  firstHead: u32, firstRow: u32, scale: f32, hidden: f32,
  budget: f32, k0: u32, k1: u32, capacity: u32,
}

const SLOT_WORDS = 2u;

/** Widens the test against rounding in the normaliser; far above what that can be, and far too little to matter. */
const SLACK = 1.001;

fn startRow(lane: u32) {}
fn putMore(slot: u32, place: u32, row: u32, key: u32, score: f32) {}

fn passing(i: u32, weights: vec4f, peak: vec4f, total: vec4f, lane: u32) -> vec4<bool> {
  let row = lane / 8u * 4u;
  let starts = vec4u(rowKeys[row].x, rowKeys[row + 1u].x, rowKeys[row + 2u].x, rowKeys[row + 3u].x);
  let bits = starts + vec4u((at.key + lane % 8u + 8u * i) * GOLDEN_STEP);
  return vec4f(bits >> vec4u(8u)) * total < weights * (u.budget * ONE * SLACK);
}

/** Drops the candidates that fail with the normaliser so far, in place. */
fn makeRoom(lane: u32) {
  let threshold = u.budget * ONE * SLACK / totals[lane];
  let slot = slotOf(at.row + lane);
  var left = u.capacity;
  for (var e = u.capacity; e > u.capacity - count; e--) {
    let score = scoreOf(slot, e - 1u);
    let column = slots[columnPlace(slot, e - 1u)];
    if (randomOf(lane, column) >= exp2One(score - peaks[lane]) * threshold) { continue; }
    left--;
    relocate(slot, left, column, score);
  }
  count = u.capacity - left;
}

/** The same with the final normaliser, and by the rule itself. */
fn finishRow(slot: u32, lane: u32, logTotal: f32) {
  if (count == CROWDED) { return; }
  var left = u.capacity;
  for (var e = u.capacity; e > u.capacity - count; e--) {
    let score = scoreOf(slot, e - 1u);
    let column = slots[columnPlace(slot, e - 1u)];
    if (randomOf(lane, column) >= keepBelow(u.budget, weightOf(score, peaks[lane], logTotal))) { continue; }
    left--;
    relocate(slot, left, column, score);
  }
  count = u.capacity - left;
}

/** The random bits of an entry, as a number below ONE. */
fn randomOf(lane: u32, column: u32) -> f32 {
  return f32(rotationBits(rowKeys[lane], column) >> 8u);
}

fn relocate(slot: u32, to: u32, column: u32, score: f32) {
  slots[columnPlace(slot, to)] = column;
  slots[scorePlace(slot, to)] = bitcast<u32>(score);
}
