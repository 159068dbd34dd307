// Moves the entries of rows from their slots to where `indptr` says, with the estimates W/q, where q is the probability with
// which an entry is really kept, a multiple of 2^-24. A team a row. Bound are some of the entries.

struct Uniforms { rows: u32, firstRow: u32, firstEntry: u32, entries: u32, budget: f32, capacity: u32 }

@group(0) @binding(0) var<storage, read_write> indices: array<u32>;
@group(0) @binding(1) var<storage, read_write> data: array<f32>;
@group(0) @binding(2) var<storage, read> indptr: array<u32>;
@group(0) @binding(3) var<storage, read> slots: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

const TEAM = 16u;
const TEAMS = 4u;
const SLOT_WORDS = 2u;

fn estimateOf(slot: u32, entry: u32) -> f32 {
  let weight = weightOf(scoreOf(slot, entry), bitcast<f32>(slots[slot + PEAK]), bitcast<f32>(slots[slot + LOG_TOTAL]));
  let realised = max(1.0, ceil(keepBelow(u.budget, weight))) / ONE;
  return f32(slots[slot + THIN]) * (weight / realised);
}

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
  for (var e = lane % TEAM; e < count; e += TEAM) {
    let place = first + e - u.firstEntry;
    if (place >= u.entries) { continue; }
    let entry = slots[slot + START] + e;
    indices[place] = slots[columnPlace(slot, entry)];
    data[place] = estimateOf(slot, entry);
  }
}
