// The part of dV that the baselines make, which no draw touches: dV_j += Σ_i β_i dO_i over the rows i that see key j, of all
// query heads that share it: running sums from the last row up, in blocks of 32 rows. A team a block of a key head.

struct Uniforms { length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, firstRow: u32, causal: u32 }

@group(1) @binding(0) var<uniform> u: Uniforms;

const TEAM = 16u;
const TEAMS = 4u;
const BLOCK = 32u;

struct Block { exists: bool, keyHead: u32, first: u32, end: u32 }

fn blockOf(index: u32) -> Block {
  let blocks = (u.length + BLOCK - 1u) / BLOCK;
  let first = index % blocks * BLOCK;
  let keyHeads = u.heads / u.queryHeads * u.keyHeads;
  return Block(index < keyHeads * blocks, index / blocks, first, min(first + BLOCK, u.length));
}
