// The last step of the priority design, a workgroup a row: of its candidates the c with the largest priorities are kept, of
// equal ones those of the lowest columns, with the estimates max(W, τ), where τ is the priority that comes next. Bound are
// some of the entries.

struct Uniforms { rows: u32, firstRow: u32, firstEntry: u32, entries: u32, budget: u32, capacity: u32 }

@group(0) @binding(0) var<storage, read_write> indices: array<u32>;
@group(0) @binding(1) var<storage, read_write> data: array<f32>;
@group(0) @binding(2) var<storage, read> indptr: array<u32>;
@group(0) @binding(3) var<storage, read> slots: array<u32>;
@group(0) @binding(4) var<storage, read_write> factors: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;


/** Whether factors max(W, τ)/W are wanted. */
override BASELINE: bool = false;

const SLOT_WORDS = 3u;

/** In place of weights that have vanished, where one is divided by: such a row has no baseline. */
const SMALLEST = 1.1754943508222875e-38;

/** Which threads' candidates are kept for sure, and which are equal to the threshold, a bit each. */
var<workgroup> above: array<atomic<u32>, 2>;
var<workgroup> equal: array<atomic<u32>, 2>;

/** How many bits of threads before `lane` are set. */
fn before(low: u32, high: u32, lane: u32) -> u32 {
  if (lane < 32u) { return countOneBits(low & ((1u << lane) - 1u)); }
  return countOneBits(low) + countOneBits(high & ((1u << (lane - 32u)) - 1u));
}

fn unordered(x: u32) -> f32 {
  return bitcast<f32>(x ^ select(0xffffffffu, 0x80000000u, x >= 0x80000000u));
}

/** How many candidates reach a limit. To be called by all threads. */
fn reaching(slot: u32, start: u32, limit: u32, lane: u32) -> u32 {
  var count = 0u;
  for (var e = start + lane; e < u.capacity; e += WORKGROUP) { count += u32(slots[priorityPlace(slot, e)] >= limit); }
  return u32(workgroupSum(f32(count), lane));
}

/** The (budget + 1)-th largest priority, bit by bit; 0 where there are not so many. To be called by all threads. */
fn thresholdOf(slot: u32, start: u32, lane: u32) -> u32 {
  var threshold = 0u;
  if (u.capacity - start <= u.budget) { return threshold; }
  for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
    if (reaching(slot, start, threshold | bit, lane) > u.budget) { threshold |= bit; }
  }
  return threshold;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups);
  if (row >= u.rows) { return; }
  let slot = row * (HEADER + SLOT_WORDS * u.capacity);
  let start = slots[slot + START];
  let peak = bitcast<f32>(slots[slot + PEAK]);
  let logTotal = bitcast<f32>(slots[slot + LOG_TOTAL]);
  let threshold = thresholdOf(slot, start, lane);
  let bounded = u.capacity - start > u.budget;
  var tau = 0.0;
  var ties = 0u;
  if (bounded) {
    tau = weightOf(unordered(threshold), peak, logTotal);
    ties = u.budget - reaching(slot, start, threshold + 1u, lane);
  }
  var place = indptr[u.firstRow + row] - u.firstEntry;
  for (var first = start; first < u.capacity; first += WORKGROUP) {
    if (lane < 2u) {
      atomicStore(&above[lane], 0u);
      atomicStore(&equal[lane], 0u);
    }
    workgroupBarrier();
    let e = first + lane;
    let exists = e < u.capacity;
    var priority = 0u;
    if (exists) { priority = slots[priorityPlace(slot, e)]; }
    let isAbove = exists && (!bounded || priority > threshold);
    let isEqual = exists && bounded && priority == threshold;
    if (isAbove) { atomicOr(&above[lane / 32u], 1u << (lane % 32u)); }
    if (isEqual) { atomicOr(&equal[lane / 32u], 1u << (lane % 32u)); }
    workgroupBarrier();
    let aboveLow = atomicLoad(&above[0]);
    let aboveHigh = atomicLoad(&above[1]);
    let equalLow = atomicLoad(&equal[0]);
    let equalHigh = atomicLoad(&equal[1]);
    let equalBefore = before(equalLow, equalHigh, lane);
    let to = place + before(aboveLow, aboveHigh, lane) + min(ties, equalBefore);
    if ((isAbove || (isEqual && equalBefore < ties)) && to < u.entries) {
      indices[to] = slots[columnPlace(slot, e)];
      let weight = weightOf(scoreOf(slot, e), peak, logTotal);
      data[to] = max(weight, tau);
      if (BASELINE) { factors[to] = max(weight, tau) / max(weight, SMALLEST); }
    }
    let taken = min(ties, countOneBits(equalLow) + countOneBits(equalHigh));
    place += countOneBits(aboveLow) + countOneBits(aboveHigh) + taken;
    ties -= taken;
    workgroupBarrier();
  }
}
