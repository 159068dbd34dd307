// A second pass over a tile of 64 rows, whose normalisers are known. The scores of a tile of keys are computed again, then one
// thread a row walks along them. Keys ascend, and so do the entries of a slot.
//
// A part after this one defines `ROUNDS`, `needed`, `startRound`, `keeps` and `finishRow`.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, causal: u32, firstTile: u32, tiles: u32,
  firstHead: u32, firstRow: u32, scale: f32,
  budget: f32, k0: u32, k1: u32, capacity: u32,
}

@group(0) @binding(0) var<storage, read_write> slots: array<u32>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>;
@group(0) @binding(2) var<storage, read> q: array<vec4f>;
@group(0) @binding(3) var<storage, read> k: array<vec4f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

const SLOT_WORDS = 2u;

struct Tile { head: u32, keyHead: u32, row: u32, key: u32 }

var<private> at: Tile;

/** The row that a thread walks along: its slot, its key, and its normaliser. */
struct Row { slot: u32, key: vec2u, peak: f32, logTotal: f32 }

var<private> own: Row;
/** How many entries it has kept in this round. */
var<private> count: u32;

var<workgroup> needers: atomic<u32>;
var<workgroup> isNeeded: u32;

fn loadRow(which: u32, row: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.row + row >= u.length) { return vec4f(0.0); }
  return q[queryAt(at.head, at.row + row) + p] * u.scale;
}

fn loadKey(which: u32, key: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.key + key >= u.length) { return vec4f(0.0); }
  return k[keyAt(at.keyHead, at.key + key) + p];
}

fn walk(lane: u32, keys: u32) {
  for (var key = 0u; key < keys; key++) {
    let score = held[heldPlace(key, lane / 4u)][lane % 4u];
    if (!keeps(at.key + key, weightOf(score, own.peak, own.logTotal))) { continue; }
    if (count < u.capacity) {
      slots[columnPlace(own.slot, count)] = at.key + key;
      slots[scorePlace(own.slot, count)] = bitcast<u32>(score);
    }
    count++;
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let unit = linearWorkgroup(workgroup, workgroups);
  if (unit >= u.tiles * u.heads) { return; }
  let tile = u.firstTile + u.tiles - 1u - unit / u.heads;
  at.head = u.firstHead + unit % u.heads;
  at.keyHead = keyHeadOf(at.head);
  at.row = tile * ROWS;
  let row = at.row + lane;
  let exists = lane < ROWS && row < u.length;
  if (lane == 0u) { atomicStore(&needers, 0u); }
  workgroupBarrier();
  var walks = false;
  if (exists) {
    let slot = slotOf(row);
    walks = needed(slot);
    if (walks) {
      let key = fold(fold(vec2u(u.k0, u.k1), u.firstRow / u.length + at.head), row);
      own = Row(slot, key, bitcast<f32>(slots[slot + PEAK]), bitcast<f32>(slots[slot + LOG_TOTAL]));
      atomicAdd(&needers, 1u);
    }
  }
  workgroupBarrier();
  if (lane == 0u) { isNeeded = atomicLoad(&needers); }
  if (workgroupUniformLoad(&isNeeded) == 0u) { return; }

  let seen = select(u.length, min(u.length, tile * ROWS + ROWS), u.causal != 0u);
  for (var round = 0u; round < ROUNDS; round++) {
    if (walks) { startRound(round); }
    for (var first = 0u; first < seen; first += KEYS) {
      at.key = first;
      let scores = products(0u, lane);
      holdByRows(scores, lane);
      workgroupBarrier();
      let end = select(u.length, row + 1u, u.causal != 0u);
      if (walks && first < end) { walk(lane, min(KEYS, end - first)); }
    }
  }
  if (!walks) { return; }
  slots[own.slot + COUNT] = count;
  slots[own.slot + START] = 0u;
  finishRow();
  counts[u.firstRow + at.head * u.length + row] = count;
}
