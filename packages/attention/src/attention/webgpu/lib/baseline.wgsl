// The baseline β of a row is about the harmonic mean of its weights, n / Σ 1/W. With exponentials p relative to a peak,
// W = p / Σ p, that is n / (Σ p · Σ 1/p), and Σ 1/p is summed up beside Σ p. Any β will do that the draws do not touch: so
// reciprocals may be coarse, an integer subtraction each (within −5 and +5.5 %), but they have to be those of all keys.

@group(0) @binding(6) var<storage, read_write> baselines: array<f32>;

/** The bits of a float are nearly its logarithm: so much less the bits are nearly those of the reciprocal. */
const MIRROR = 0x7ef3d07du;

/** A β below this is taken for 0: every weight of a row with a baseline is then far from vanishing in float32. */
const LEAST = 7.888609052210118e-31;

fn reciprocals(i: u32, weights: vec4f, lane: u32) -> vec4f {
  return select(vec4f(0.0), bitcast<vec4f>(vec4u(MIRROR) - bitcast<vec4u>(weights)), visible(i, lane));
}

/** Σ 1/p of the thread's rows and keys; `factor` is what the new peak multiplies earlier exponentials with. */
fn addReciprocals(before: vec4f, weights: mat4x4f, factor: vec4f, lane: u32) -> vec4f {
  let pair = reciprocals(0u, weights[0], lane) + reciprocals(1u, weights[1], lane);
  let sum = pair + (reciprocals(2u, weights[2], lane) + reciprocals(3u, weights[3], lane));
  return sum + select(before / factor, vec4f(0.0), before == vec4f(0.0));
}

/** Writes β of the thread's rows, given the sums over all keys. */
fn writeBaselines(total: vec4f, reciprocal: vec4f, lane: u32) {
  if (lane % 8u != 0u) { return; }
  for (var r = 0u; r < 4u; r++) {
    let row = at.row + lane / 8u * 4u + r;
    if (row >= u.length) { return; }
    let seen = select(u.length, row + 1u, u.causal != 0u);
    var beta = 0.0;
    if (total[r] > 0.0) { beta = f32(seen) / (total[r] * reciprocal[r]); }
    baselines[u.firstRow + at.head * u.length + row] = select(beta, 0.0, beta < LEAST);
  }
}
