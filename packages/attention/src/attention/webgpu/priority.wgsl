// The priority design: a row keeps its c largest priorities W/u, and the next one is the threshold of the estimates. In
// logarithms, s − log2 u, priorities need no normaliser. A limit that at least c + 1 entries reach is a bound from below on
// the threshold, so entries below it are nothing: only those with u ≤ 2^(s − limit) become candidates. Where a slot is full,
// a higher limit is looked for and what lies below it dropped.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, causal: u32, firstTile: u32, tiles: u32,
  firstHead: u32, firstRow: u32, scale: f32, hidden: f32,
  budget: u32, k0: u32, k1: u32, capacity: u32,
}

const SLOT_WORDS = 3u;

/** Widens the test for candidates against rounding. */
const SLACK = 1.001;

/** Above this gap between peak and limit, in powers of 2, exponentials may vanish that matter: every entry is taken. */
const WIDEST = 90.0;

/** What c + 1 entries of the row are known to reach, or LOWEST. */
var<workgroup> limits: array<f32, ROWS>;

fn startRow(lane: u32) {
  limits[lane] = LOWEST;
}

fn uniformsOf(row: u32, key: u32) -> f32 {
  return f32((independentBits(rowKeys[row], key) >> 8u) + 1u);
}

fn passing(i: u32, weights: vec4f, peak: vec4f, total: vec4f, lane: u32) -> vec4<bool> {
  let row = lane / 8u * 4u;
  let key = at.key + lane % 8u + 8u * i;
  let drawn = vec4f(uniformsOf(row, key), uniformsOf(row + 1u, key), uniformsOf(row + 2u, key), uniformsOf(row + 3u, key));
  let limit = vec4f(limits[row], limits[row + 1u], limits[row + 2u], limits[row + 3u]);
  let gap = peak - limit;
  let reaches = drawn <= weights * exp2Four(clamp(gap, vec4f(-WIDEST), vec4f(WIDEST))) * (ONE * SLACK);
  return visible(i, lane) & (reaches | (gap >= vec4f(WIDEST)) | (limit == vec4f(LOWEST)));
}

/** A float as a whole number of the same order, and back. */
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return bits ^ select(0x80000000u, 0xffffffffu, bits >= 0x80000000u);
}

fn unordered(x: u32) -> f32 {
  return bitcast<f32>(x ^ select(0xffffffffu, 0x80000000u, x >= 0x80000000u));
}

fn putMore(slot: u32, place: u32, row: u32, key: u32, score: f32) {
  let u = uniformsOf(row, key) / ONE;
  slots[priorityPlace(slot, place)] = ordered(score - log2Of(u));
}

/** How many candidates of the row reach a limit. */
fn reaching(slot: u32, limit: u32) -> u32 {
  var sum = 0u;
  for (var e = u.capacity - count; e < u.capacity; e++) { sum += u32(slots[priorityPlace(slot, e)] >= limit); }
  return sum;
}

/**
 * Drops candidates that more than c others surpass, in place, so that a tile's keys fit: those below a limit that is found
 * by halving. Where too many reach no limit but that of too few, they are equal, and those of the lowest columns stay.
 */
fn makeRoom(lane: u32) {
  let slot = slotOf(at.row + lane);
  let wanted = u.budget + 1u;
  var low = select(ordered(limits[lane]), 0u, limits[lane] == LOWEST);
  var high = 0xffffffffu;
  var all = count;
  while (all > u.capacity - KEYS && high - low > 1u) {
    let middle = low + (high - low) / 2u;
    let reached = reaching(slot, middle);
    if (reached >= wanted) {
      low = middle;
      all = reached;
    } else {
      high = middle;
    }
  }
  var excess = 0u;
  if (all > u.capacity - KEYS) { excess = reaching(slot, low) - wanted; }
  var left = u.capacity;
  for (var e = u.capacity; e > u.capacity - count; e--) {
    let priority = slots[priorityPlace(slot, e - 1u)];
    if (priority < low) { continue; }
    if (priority == low && excess > 0u) {
      excess--;
      continue;
    }
    left--;
    slots[columnPlace(slot, left)] = slots[columnPlace(slot, e - 1u)];
    slots[scorePlace(slot, left)] = slots[scorePlace(slot, e - 1u)];
    slots[priorityPlace(slot, left)] = priority;
  }
  count = u.capacity - left;
  limits[lane] = unordered(low);
}

fn finishRow(slot: u32, lane: u32, logTotal: f32) {}
