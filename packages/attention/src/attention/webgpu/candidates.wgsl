// Entries of a tile that may be kept are candidates: a bit for each in a word of its row, then one thread a row makes room in
// the row's slot, then the thread that holds an entry puts it where it belongs among the row's marked ones. Keys come from
// the last tile to the first, so slots fill from their end and columns ascend throughout.
//
// A part after this one defines `SLOT_WORDS`, `passing`, `makeRoom`, `putMore` and `finishRow`.

@group(0) @binding(5) var<storage, read_write> slots: array<u32>;
@group(0) @binding(7) var<storage, read_write> counts: array<u32>;

var<workgroup> rowKeys: array<vec2u, ROWS>;
/** Which keys of the tile a row takes, a bit each. */
var<workgroup> marks: array<atomic<u32>, ROWS>;
/** Where the first of them goes, or CROWDED. */
var<workgroup> places: array<u32, ROWS>;
var<workgroup> peaks: array<f32, ROWS>;
var<workgroup> totals: array<f32, ROWS>;

/** How many candidates the row `lane` of the tile has, in the threads below ROWS. */
var<private> count: u32;

fn startSample(lane: u32) {
  if (lane >= ROWS) { return; }
  rowKeys[lane] = fold(fold(vec2u(u.k0, u.k1), u.firstRow / u.length + at.head), at.row + lane);
  count = 0u;
  startRow(lane);
}

fn beginTile(lane: u32) {
  // What other threads have put into the slots shows from here on.
  storageBarrier();
  if (lane < ROWS) { atomicStore(&marks[lane], 0u); }
}

/** Marks the thread's i-th key for those of its rows that pass. */
fn mark(passes: vec4<bool>, i: u32, lane: u32) {
  let bit = 1u << (lane % 8u + 8u * i);
  let row = lane / 8u * 4u;
  if (passes.x) { atomicOr(&marks[row], bit); }
  if (passes.y) { atomicOr(&marks[row + 1u], bit); }
  if (passes.z) { atomicOr(&marks[row + 2u], bit); }
  if (passes.w) { atomicOr(&marks[row + 3u], bit); }
}

fn put(row: u32, key: u32, score: f32) {
  let first = places[row];
  if (first == CROWDED) { return; }
  let slot = slotOf(at.row + row);
  let place = first + countOneBits(atomicLoad(&marks[row]) & ((1u << key) - 1u));
  slots[columnPlace(slot, place)] = at.key + key;
  slots[scorePlace(slot, place)] = bitcast<u32>(score);
  putMore(slot, place, row, at.key + key, score);
}

fn putPassing(passes: vec4<bool>, i: u32, scores: vec4f, lane: u32) {
  let key = lane % 8u + 8u * i;
  let row = lane / 8u * 4u;
  if (passes.x) { put(row, key, scores.x); }
  if (passes.y) { put(row + 1u, key, scores.y); }
  if (passes.z) { put(row + 2u, key, scores.z); }
  if (passes.w) { put(row + 3u, key, scores.w); }
}

/** The thread's rows' peaks and totals for the threads that look after rows. */
fn shareRows(peak: vec4f, total: vec4f, lane: u32) {
  if (lane % 8u != 0u) { return; }
  for (var r = 0u; r < 4u; r++) {
    peaks[lane / 8u * 4u + r] = peak[r];
    totals[lane / 8u * 4u + r] = total[r];
  }
}

fn considerTile(scores: mat4x4f, weights: mat4x4f, peak: vec4f, total: vec4f, lane: u32) {
  let passes0 = passing(0u, weights[0], peak, total, lane);
  let passes1 = passing(1u, weights[1], peak, total, lane);
  let passes2 = passing(2u, weights[2], peak, total, lane);
  let passes3 = passing(3u, weights[3], peak, total, lane);
  mark(passes0, 0u, lane);
  mark(passes1, 1u, lane);
  mark(passes2, 2u, lane);
  mark(passes3, 3u, lane);
  shareRows(peak, total, lane);
  workgroupBarrier();
  if (lane < ROWS) {
    let marked = countOneBits(atomicLoad(&marks[lane]));
    if (count != CROWDED && count + marked > u.capacity) { makeRoom(lane); }
    if (count != CROWDED && count + marked > u.capacity) { count = CROWDED; }
    if (count != CROWDED) { count += marked; }
    places[lane] = select(u.capacity - count, CROWDED, count == CROWDED);
  }
  workgroupBarrier();
  putPassing(passes0, 0u, scores[0], lane);
  putPassing(passes1, 1u, scores[1], lane);
  putPassing(passes2, 2u, scores[2], lane);
  putPassing(passes3, 3u, scores[3], lane);
}

fn finishSample(peak: vec4f, total: vec4f, lane: u32) {
  shareRows(peak, total, lane);
  workgroupBarrier();
  storageBarrier();
  if (lane >= ROWS || at.row + lane >= u.length) { return; }
  let slot = slotOf(at.row + lane);
  let logTotal = log2Of(totals[lane]);
  finishRow(slot, lane, logTotal);
  slots[slot + COUNT] = count;
  slots[slot + START] = u.capacity - count;
  slots[slot + THIN] = 1u;
  slots[slot + PEAK] = bitcast<u32>(peaks[lane]);
  slots[slot + LOG_TOTAL] = bitcast<u32>(logTotal);
  counts[u.firstRow + at.head * u.length + at.row + lane] = count;
}
