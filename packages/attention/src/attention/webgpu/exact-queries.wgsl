// dQ = scale · dS K, exactly: a tile of 64 rows a workgroup, which goes through the keys that they see.

@group(0) @binding(0) var<storage, read_write> dq: array<vec4f>;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;
@group(0) @binding(2) var<storage, read> k: array<vec4f>;
@group(0) @binding(3) var<storage, read> v: array<vec4f>;
@group(0) @binding(4) var<storage, read> dOut: array<vec4f>;
@group(0) @binding(5) var<storage, read> lse: array<f32>;
@group(0) @binding(6) var<storage, read> delta: array<f32>;

fn loadValue(key: u32, p: u32) -> vec4f {
  return loadKey(SCORES, key, p);
}

fn writeRows(sums: Sums, first: u32, lane: u32) {
  for (var r = 0u; r < 4u; r++) {
    let row = at.row + lane / 8u * 4u + r;
    if (row >= u.length) { return; }
    let start = queryAt(at.head, row);
    let p = first + lane % 8u;
    if (p < u.depth) { dq[start + p] = sums.near[r] * u.scale; }
    if (p + 8u < u.depth) { dq[start + p + 8u] = sums.far[r] * u.scale; }
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let unit = linearWorkgroup(workgroup, workgroups);
  let tiles = (u.length + ROWS - 1u) / ROWS;
  if (unit >= tiles * u.heads * RANGES) { return; }
  let range = unit % RANGES;
  // The longest rows come first.
  let tile = tiles - 1u - unit / RANGES / u.heads;
  at.head = unit / RANGES % u.heads;
  at.keyHead = keyHeadOf(at.head);
  at.row = tile * ROWS;
  let lse = normalisers(lane);
  let delta = deltas(lane);
  var sums = Sums();
  var wideSums = Sums();
  let seen = select(u.length, min(u.length, tile * ROWS + ROWS), u.causal != 0u);
  for (var key = 0u; key < seen; key += KEYS) {
    at.key = key;
    let weights = weightsOf(lane, lse);
    holdByRows(scoreGradientsOf(weights, lane, delta), lane);
    sums = addWeighted(sums, range * 32u, lane);
    if (WIDE) { wideSums = addWeighted(wideSums, range * 32u + 16u, lane); }
  }
  writeRows(sums, range * 32u, lane);
  if (WIDE) { writeRows(wideSums, range * 32u + 16u, lane); }
}
