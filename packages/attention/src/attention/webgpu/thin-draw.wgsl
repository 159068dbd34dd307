// Draws the second stage, entry r of a row by the row's draw r of a rotation: worths become the factors 1/q₂ of what is kept
// and 0 for all else, `ordinals` say which of its row's kept ones an entry is, `counts` add up. A team a row. Bound are
// some entries, those before having been drawn.

struct Uniforms { rows: u32, length: u32, k0: u32, k1: u32, firstEntry: u32, entries: u32 }

@group(0) @binding(0) var<storage, read_write> worths: array<f32>;
@group(0) @binding(1) var<storage, read_write> ordinals: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;
@group(0) @binding(3) var<storage, read> indptr: array<u32>;
@group(0) @binding(4) var<storage, read> search: Search;
@group(1) @binding(0) var<uniform> u: Uniforms;

const TEAM = 16u;
const TEAMS = 4u;

/** The value of a uniform 1, in units of the random numbers. */
const ONE = 0x1p24f;

var<workgroup> kept: array<u32, TEAM * TEAMS>;

/** q₂·2^24, rounded up to a whole number of at least 1: the probability that a draw really has. */
fn probabilityOf(worth: f32) -> f32 {
  if (search.phase == KEEP_ALL) { return ONE; }
  let q = worth * search.lambda;
  return max(1.0, ceil(select(1.0, q, q < 1.0) * ONE));
}

/** The most entries that one of the workgroup's rows has. */
fn longest(first: u32) -> u32 {
  var most = 0u;
  for (var row = first; row < min(first + TEAMS, u.rows); row++) {
    let entries = entriesOf(row);
    most = max(most, entries.end - entries.first);
  }
  return most;
}

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let team = lane / TEAM;
  let thread = lane % TEAM;
  let first = linearWorkgroup(workgroup, workgroups) * TEAMS;
  let most = longest(first);
  if (most == 0u) { return; }
  // Teams without a row take the last one again, and write nothing.
  let row = min(first + team, u.rows - 1u);
  let exists = row == first + team;
  let entries = entriesOf(row);
  let rowKey = fold(fold(vec2u(u.k0, u.k1), row / u.length), row % u.length);
  let before = indptr[row] - u.firstEntry;
  var count = counts[row];
  for (var start = 0u; start < most; start += TEAM) {
    let e = entries.first + start + thread;
    var factor = 0.0;
    if (e < entries.end) {
      let q = probabilityOf(worths[e]);
      // Modulo 2^32, for rows that begin before what is bound.
      let drawn = f32(rotationBits(rowKey, e - before) >> 8u);
      if (drawn < q) { factor = ONE / q; }
    }
    workgroupBarrier();
    kept[lane] = u32(factor > 0.0);
    workgroupBarrier();
    var ordinal = count;
    for (var i = 0u; i < TEAM; i++) {
      let one = kept[team * TEAM + i];
      if (i < thread) { ordinal += one; }
      count += one;
    }
    if (exists && e < entries.end) {
      worths[e] = factor;
      ordinals[e] = ordinal;
    }
  }
  if (exists && thread == 0u) { counts[row] = count; }
}
