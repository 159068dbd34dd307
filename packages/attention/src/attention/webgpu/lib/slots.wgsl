// What the forward pass finds out about a row is kept in its slot, words one after the other: the header; the columns of
// its entries; their scores in powers of 2; and (priority) their priorities.

/** How many entries there are, and at which place the first one is; they ascend. */
const COUNT = 0u;
const START = 1u;
/** One entry in so many was taken: 1 but where a row did not fit its slot. */
const THIN = 2u;
/** The row's largest score and the logarithm of its normaliser relative to it, apart: for large scores, their sum would
 * not be precise enough for weights. */
const PEAK = 3u;
const LOG_TOTAL = 4u;
const HEADER = 8u;

/** A count that says: more entries than there is room for. */
const CROWDED = 0xffffffffu;

/** The value of a uniform 1, in units of the random numbers. */
const ONE = 0x1p24f;

fn columnPlace(slot: u32, entry: u32) -> u32 {
  return slot + HEADER + entry;
}

fn scorePlace(slot: u32, entry: u32) -> u32 {
  return slot + HEADER + u.capacity + entry;
}

fn priorityPlace(slot: u32, entry: u32) -> u32 {
  return slot + HEADER + 2u * u.capacity + entry;
}

fn scoreOf(slot: u32, entry: u32) -> f32 {
  return bitcast<f32>(slots[scorePlace(slot, entry)]);
}

/** The weight of a score. */
fn weightOf(score: f32, peak: f32, logTotal: f32) -> f32 {
  return exp2One((score - peak) - logTotal);
}

/** q·2^24 of a weight, where an entry is kept if its random number is below. */
fn keepBelow(budget: f32, weight: f32) -> f32 {
  return min(1.0, budget * weight) * ONE;
}
