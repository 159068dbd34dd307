// No sample yet: the first pass leaves in the slots what a second one needs to know of each row.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, causal: u32, firstTile: u32, tiles: u32,
  firstHead: u32, firstRow: u32, scale: f32, hidden: f32, capacity: u32,
}

@group(0) @binding(5) var<storage, read_write> slots: array<u32>;

const SLOT_WORDS = 2u;

fn startSample(lane: u32) {}
fn beginTile(lane: u32) {}
fn considerTile(scores: mat4x4f, weights: mat4x4f, peak: vec4f, total: vec4f, lane: u32) {}

fn finishSample(peak: vec4f, total: vec4f, lane: u32) {
  if (lane % 8u != 0u) { return; }
  for (var r = 0u; r < 4u; r++) {
    let row = at.row + lane / 8u * 4u + r;
    if (row >= u.length) { return; }
    let slot = slotOf(row);
    slots[slot + THIN] = 1u;
    slots[slot + PEAK] = bitcast<u32>(peak[r]);
    slots[slot + LOG_TOTAL] = bitcast<u32>(log2Of(total[r]));
  }
}
