// What both exact backward kernels have in common: the tile of weights and of their scores' gradients, recomputed.
//
//     W = e^(S − lse)     dS = W (dO Vᵀ − D)

/** Whether the depth has more than 64 columns. */
override WIDE: bool = false;
/** Whether it has more than 128. */
override RANGES: u32 = 1;

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, causal: u32,
  firstRow: u32, scale: f32, scoreScale: f32,
}

@group(1) @binding(0) var<uniform> u: Uniforms;

/** Which product `products` makes. */
const SCORES = 0u;
const VALUE_GRADIENTS = 1u;

/** The tile at hand: its query head, its first row and its first key. */
struct Tile { head: u32, keyHead: u32, row: u32, key: u32 }

var<private> at: Tile;

fn loadRow(which: u32, row: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.row + row >= u.length) { return vec4f(0.0); }
  let place = queryAt(at.head, at.row + row) + p;
  if (which == SCORES) { return q[place] * u.scoreScale; }
  return dOut[place];
}

fn loadKey(which: u32, key: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.key + key >= u.length) { return vec4f(0.0); }
  let place = keyAt(at.keyHead, at.key + key) + p;
  if (which == SCORES) { return k[place]; }
  return v[place];
}

/** Which of the thread's rows see its i-th key. */
fn visible(i: u32, lane: u32) -> vec4<bool> {
  let key = at.key + lane % 8u + 8u * i;
  let rows = vec4u(at.row + lane / 8u * 4u) + vec4u(0u, 1u, 2u, 3u);
  let seen = (rows >= vec4u(key)) | vec4<bool>(u.causal == 0u);
  return vec4<bool>(key < u.length) & (rows < vec4u(u.length)) & seen;
}

/** The thread's part of W. To be called by all threads. */
fn weightsOf(lane: u32, lse: vec4f) -> mat4x4f {
  let scores = products(SCORES, lane);
  return mat4x4f(
    select(vec4f(0.0), exp2Four(scores[0] - lse), visible(0u, lane)),
    select(vec4f(0.0), exp2Four(scores[1] - lse), visible(1u, lane)),
    select(vec4f(0.0), exp2Four(scores[2] - lse), visible(2u, lane)),
    select(vec4f(0.0), exp2Four(scores[3] - lse), visible(3u, lane)),
  );
}

/** The thread's part of dS. To be called by all threads. */
fn scoreGradientsOf(weights: mat4x4f, lane: u32, delta: vec4f) -> mat4x4f {
  let products = products(VALUE_GRADIENTS, lane);
  return mat4x4f(
    weights[0] * (products[0] - delta),
    weights[1] * (products[1] - delta),
    weights[2] * (products[2] - delta),
    weights[3] * (products[3] - delta),
  );
}

/** The normaliser of a row in powers of 2; so large that all its weights are 0 where it is −∞. */
fn normaliserOf(lse: f32) -> f32 {
  return select(lse * LOG2_E, 3.0e38, lse < LOWEST);
}

/** The normalisers of the thread's rows. */
fn normalisers(lane: u32) -> vec4f {
  var values = vec4f(0.0);
  for (var r = 0u; r < 4u; r++) {
    let row = at.row + lane / 8u * 4u + r;
    if (row < u.length) { values[r] = normaliserOf(lse[u.firstRow + at.head * u.length + row]); }
  }
  return values;
}

/** D of the thread's rows. */
fn deltas(lane: u32) -> vec4f {
  var values = vec4f(0.0);
  for (var r = 0u; r < 4u; r++) {
    let row = at.row + lane / 8u * 4u + r;
    if (row < u.length) { values[r] = delta[u.firstRow + at.head * u.length + row]; }
  }
  return values;
}
