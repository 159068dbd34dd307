// dV = Wᵀ dO and dK = scale · dSᵀ Q, exactly: 32 keys of a key head a workgroup, which goes through the rows that see them,
// of all query heads that it serves. Thread (y, x) = (lane / 16, lane % 16) adds up the keys y, y + 8, y + 16, y + 24 of
// the tile, and of 16 vectors along the depth x.

@group(0) @binding(0) var<storage, read_write> dk: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dv: array<vec4f>;
@group(0) @binding(2) var<storage, read> q: array<vec4f>;
@group(0) @binding(3) var<storage, read> k: array<vec4f>;
@group(0) @binding(4) var<storage, read> v: array<vec4f>;
@group(0) @binding(5) var<storage, read> dOut: array<vec4f>;
@group(0) @binding(6) var<storage, read> lse: array<f32>;
@group(0) @binding(7) var<storage, read> delta: array<f32>;

fn loadVector(which: u32, row: u32, p: u32) -> vec4f {
  if (p >= u.depth || at.row + row >= u.length) { return vec4f(0.0); }
  let place = queryAt(at.head, at.row + row) + p;
  if (which == SCORES) { return q[place]; }
  return dOut[place];
}

/** Holds the thread's weights, in vectors over its keys. */
fn holdByKeys(weights: mat4x4f, lane: u32) {
  let rows = transpose(weights);
  for (var r = 0u; r < 4u; r++) { held[(lane / 8u * 4u + r) * 8u + lane % 8u] = rows[r]; }
}

/** Adds the transposed held weights times 16 vectors from `first` on of dO, or of Q. To be called by all threads. */
fn addTransposed(which: u32, sums: mat4x4f, first: u32, lane: u32) -> mat4x4f {
  var s = sums;
  for (var row = 0u; row < ROWS; row += 16u) {
    let upper = loadVector(which, row + lane / 16u, first + lane % 16u);
    let lower = loadVector(which, row + lane / 16u + 8u, first + lane % 16u);
    workgroupBarrier();
    rowSlice[lane] = upper;
    rowSlice[lane + THREADS] = lower;
    workgroupBarrier();
    for (var r = 0u; r < 16u; r++) {
      s = multiplyAdd(s, held[(row + r) * 8u + lane / 16u], rowSlice[r * 16u + lane % 16u]);
    }
  }
  return s;
}

fn write(dkSums: mat4x4f, dvSums: mat4x4f, first: u32, lane: u32) {
  let p = first + lane % 16u;
  if (p >= u.depth) { return; }
  for (var i = 0u; i < 4u; i++) {
    let key = at.key + lane / 16u + 8u * i;
    if (key >= u.length) { return; }
    let place = keyAt(at.keyHead, key) + p;
    dk[place] = dkSums[i] * u.scale;
    dv[place] = dvSums[i];
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let unit = linearWorkgroup(workgroup, workgroups);
  let tiles = (u.length + KEYS - 1u) / KEYS;
  let group = u.queryHeads / u.keyHeads;
  let keyHeads = u.heads / group;
  if (unit >= tiles * keyHeads * RANGES) { return; }
  let range = unit % RANGES;
  at.keyHead = unit / RANGES % keyHeads;
  // The first keys, which most rows see, come first.
  at.key = unit / RANGES / keyHeads * KEYS;
  var dkSums = mat4x4f();
  var dvSums = mat4x4f();
  var wideDkSums = mat4x4f();
  var wideDvSums = mat4x4f();
  let firstRow = select(0u, unit / RANGES / keyHeads * KEYS / ROWS * ROWS, u.causal != 0u);
  for (var h = 0u; h < group; h++) {
    at.head = at.keyHead * group + h;
    for (var row = firstRow; row < u.length; row += ROWS) {
      at.row = row;
      let weights = weightsOf(lane, normalisers(lane));
      holdByKeys(weights, lane);
      dvSums = addTransposed(VALUE_GRADIENTS, dvSums, range * 32u, lane);
      if (WIDE) { wideDvSums = addTransposed(VALUE_GRADIENTS, wideDvSums, range * 32u + 16u, lane); }
      let gradients = scoreGradientsOf(weights, lane, deltas(lane));
      holdByKeys(gradients, lane);
      dkSums = addTransposed(SCORES, dkSums, range * 32u, lane);
      if (WIDE) { wideDkSums = addTransposed(SCORES, wideDkSums, range * 32u + 16u, lane); }
    }
  }
  write(dkSums, dvSums, range * 32u, lane);
  if (WIDE) { write(wideDkSums, wideDvSums, range * 32u + 16u, lane); }
}
