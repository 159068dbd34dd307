// Moves the entries of rows from their slots to where `indptr` says, with the estimates W/q and
// the factors 1/q, where q is the probability with
// which an entry is really kept, a multiple of 2^-24. A team a row. Bound are some of the entries.

struct Uniforms { rows: u32, firstRow: u32, firstEntry: u32, entries: u32, budget: f32, capacity: u32 }

@group(0) @binding(0) var<storage, read_write> indices: array<u32>;
@group(0) @binding(1) var<storage, read_write> data: array<f32>;
@group(0) @binding(2) var<storage, read> indptr: array<u32>;
@group(0) @binding(3) var<storage, read> slots: array<u32>;
@group(0) @binding(4) var<storage, read_write> factors: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

/** Whether factors 1/q are wanted. */
override BASELINE: bool = false;

const TEAM = 16u;
const TEAMS = 4u;
const SLOT_WORDS = 2u;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups) * TEAMS + lane / TEAM;
  if (row >= u.rows) { return; }
  let slot = row * (HEADER + SLOT_WORDS * u.capacity);
  let first = indptr[u.firstRow + row];
  let count = min(slots[slot + COUNT], u.capacity);
  let thin = f32(slots[slot + THIN]);
  let peak = bitcast<f32>(slots[slot + PEAK]);
  let logTotal = bitcast<f32>(slots[slot + LOG_TOTAL]);
  for (var e = lane % TEAM; e < count; e += TEAM) {
    let place = first + e - u.firstEntry;
    if (place >= u.entries) { continue; }
    let entry = slots[slot + START] + e;
    indices[place] = slots[columnPlace(slot, entry)];
    let weight = weightOf(scoreOf(slot, entry), peak, logTotal);
    let factor = thin * ONE / max(1.0, ceil(keepBelow(u.budget, weight)));
    data[place] = weight * factor;
    if (BASELINE) { factors[place] = factor; }
  }
}
