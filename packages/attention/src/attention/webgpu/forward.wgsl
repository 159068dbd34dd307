// Exact attention, a tile of 64 rows of one head a workgroup, which goes through the keys from the last tile to the first
// with a running maximum and normaliser (an online softmax). Wide heads are cut into ranges of 128 columns of the output,
// of which the first one draws the sample.
//
// Parts after this one define `startSample`, `beginTile`, `considerTile` and `finishSample`, `addReciprocals` and
// `writeBaselines`.

/** Whether the depth has more than 64 columns. */
override WIDE: bool = false;
/** Whether the depth has more than 128 columns. */
override RANGES: u32 = 1;
/** Whether rows get a baseline. */
override BASELINE: bool = false;

@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> lse: array<f32>;
@group(0) @binding(2) var<storage, read> q: array<vec4f>;
@group(0) @binding(3) var<storage, read> k: array<vec4f>;
@group(0) @binding(4) var<storage, read> v: array<vec4f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

/** The tile at hand: its query head, its first row and its first key. */
struct Tile { head: u32, keyHead: u32, row: u32, key: u32 }

var<private> at: Tile;

fn loadRow(which: u32, row: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.row + row >= u.length) { return vec4f(0.0); }
  return q[queryAt(at.head, at.row + row) + p] * u.scale;
}

fn loadKey(which: u32, key: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.key + key >= u.length) { return vec4f(0.0); }
  return k[keyAt(at.keyHead, at.key + key) + p];
}

fn loadValue(key: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.key + key >= u.length) { return vec4f(0.0); }
  return v[keyAt(at.keyHead, at.key + key) + p];
}

/** Which of the thread's rows see its i-th key. */
fn visible(i: u32, lane: u32) -> vec4<bool> {
  let key = at.key + lane % 8u + 8u * i;
  let rows = vec4u(at.row + lane / 8u * 4u) + vec4u(0u, 1u, 2u, 3u);
  let seen = (rows >= vec4u(key)) | vec4<bool>(u.causal == 0u);
  return vec4<bool>(key < u.length) & (rows < vec4u(u.length)) & seen;
}

fn maskScores(scores: mat4x4f, hidden: vec4f, lane: u32) -> mat4x4f {
  return mat4x4f(
    select(hidden, scores[0], visible(0u, lane)),
    select(hidden, scores[1], visible(1u, lane)),
    select(hidden, scores[2], visible(2u, lane)),
    select(hidden, scores[3], visible(3u, lane)),
  );
}

/** The largest, over the eight threads that share the thread's rows. */
fn maxOverThreads(value: vec4f, lane: u32) -> vec4f {
  workgroupBarrier();
  keySlice[lane % 8u * 16u + lane / 8u] = value;
  workgroupBarrier();
  var top = keySlice[lane / 8u];
  for (var x = 1u; x < 8u; x++) { top = max(top, keySlice[x * 16u + lane / 8u]); }
  return top;
}

/** The sum, in order, over the eight threads that share the thread's rows; behind `maxOverThreads`. */
fn sumOverThreads(value: vec4f, lane: u32) -> vec4f {
  rowSlice[lane % 8u * 16u + lane / 8u] = value;
  workgroupBarrier();
  var sum = rowSlice[lane / 8u];
  for (var x = 1u; x < 8u; x++) { sum += rowSlice[x * 16u + lane / 8u]; }
  return sum;
}

fn writeRows(sums: Sums, inverse: vec4f, first: u32, lane: u32) {
  let scaled = scaleRows(sums, inverse);
  for (var r = 0u; r < 4u; r++) {
    let row = at.row + lane / 8u * 4u + r;
    if (row >= u.length) { return; }
    let start = queryAt(at.head, row);
    let p = first + lane % 8u;
    if (p < u.depth) { out[start + p] = scaled.near[r]; }
    if (p + 8u < u.depth) { out[start + p + 8u] = scaled.far[r]; }
  }
}

/** ln of a row's normaliser, from its largest score in powers of 2 and the sum relative to it. */
fn lseOf(peak: f32, total: f32) -> f32 {
  if (total == 0.0) { return u.hidden; }
  // The product in two parts: where scores are large, its rounding would be the largest error.
  let product = peak * LN_2;
  let rest = fma(peak, LN_2, -product) + peak * -1.9046542e-9;
  return product + (rest + log1(total));
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let unit = linearWorkgroup(workgroup, workgroups);
  if (unit >= u.tiles * u.heads * RANGES) { return; }
  // The longest rows come first, so that no workgroup starts on them while the others are done.
  let range = unit % RANGES;
  let tile = u.firstTile + u.tiles - 1u - unit / RANGES / u.heads;
  at.head = u.firstHead + unit / RANGES % u.heads;
  at.keyHead = keyHeadOf(at.head);
  at.row = tile * ROWS;
  let samples = range == 0u;
  if (samples) { startSample(lane); }

  var peak = vec4f(LOWEST);
  var total = vec4f(0.0);
  var sums = Sums();
  var wideSums = Sums();
  var reciprocal = vec4f(0.0);
  let seen = select(u.length, min(u.length, tile * ROWS + ROWS), u.causal != 0u);
  for (var left = (seen + KEYS - 1u) / KEYS; left > 0u; left--) {
    at.key = (left - 1u) * KEYS;
    if (samples) { beginTile(lane); }
    let scores = maskScores(products(0u, lane), vec4f(LOWEST), lane);
    let top = max(max(scores[0], scores[1]), max(scores[2], scores[3]));
    // Whole peaks, whose factors are exact: exponentials have the same bits whatever came before.
    let newPeak = max(peak, ceil(maxOverThreads(top, lane)));
    let factor = exp2Four(peak - newPeak);
    peak = newPeak;
    let powers = mat4x4f(
      exp2Four(scores[0] - peak),
      exp2Four(scores[1] - peak),
      exp2Four(scores[2] - peak),
      exp2Four(scores[3] - peak),
    );
    let weights = maskScores(powers, vec4f(0.0), lane);
    holdByRows(weights, lane);
    total = fma(total, factor, sumOverThreads(weights[0] + weights[1] + weights[2] + weights[3], lane));
    if (BASELINE && samples) { reciprocal = addReciprocals(reciprocal, weights, factor, lane); }
    if (samples) { considerTile(scores, weights, peak, total, lane); }
    sums = addWeighted(scaleRows(sums, factor), range * 32u, lane);
    if (WIDE) { wideSums = addWeighted(scaleRows(wideSums, factor), range * 32u + 16u, lane); }
  }

  let inverse = select(1.0 / total, vec4f(0.0), total == vec4f(0.0));
  writeRows(sums, inverse, range * 32u, lane);
  if (WIDE) { writeRows(wideSums, inverse, range * 32u + 16u, lane); }
  if (!samples) { return; }
  if (lane % 8u == 0u) {
    for (var r = 0u; r < 4u; r++) {
      let row = at.row + lane / 8u * 4u + r;
      if (row < u.length) { lse[u.firstRow + at.head * u.length + row] = lseOf(peak[r], total[r]); }
    }
  }
  if (BASELINE) {
    workgroupBarrier();
    writeBaselines(total, sumOverThreads(reciprocal, lane), lane);
  }
  finishSample(peak, total, lane);
}
