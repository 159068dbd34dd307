// The forward pass without a sample.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, causal: u32, firstTile: u32, tiles: u32,
  firstHead: u32, firstRow: u32, scale: f32, hidden: f32,
}

fn startSample(lane: u32) {}
fn beginTile(lane: u32) {}
fn considerTile(scores: mat4x4f, weights: mat4x4f, peak: vec4f, total: vec4f, lane: u32) {}
fn finishSample(peak: vec4f, total: vec4f, lane: u32) {}
