// The random function of `@sus/graph` (src/random), which is its specification: equal bit for bit.

const GOLDEN_STEP = 0x9e3779b9u;

fn rotateLeft(x: u32, bits: u32) -> u32 {
  return (x << bits) | (x >> (32u - bits));
}

// Four rounds of Threefry with their rotations, then the key injection.
fn threefryRounds(x: vec2u, bits: vec4u, inject: vec2u) -> vec2u {
  var y = x;
  y.x += y.y; y.y = rotateLeft(y.y, bits.x) ^ y.x;
  y.x += y.y; y.y = rotateLeft(y.y, bits.y) ^ y.x;
  y.x += y.y; y.y = rotateLeft(y.y, bits.z) ^ y.x;
  y.x += y.y; y.y = rotateLeft(y.y, bits.w) ^ y.x;
  return y + inject;
}

/** Threefry-2x32-20. */
fn threefry(key: vec2u, counter: vec2u) -> vec2u {
  let k2 = 0x1bd11bdau ^ key.x ^ key.y;
  let even = vec4u(13u, 15u, 26u, 6u);
  let odd = vec4u(17u, 29u, 16u, 24u);
  var x = counter + key;
  x = threefryRounds(x, even, vec2u(key.y, k2 + 1u));
  x = threefryRounds(x, odd, vec2u(k2, key.x + 2u));
  x = threefryRounds(x, even, vec2u(key.x, key.y + 3u));
  x = threefryRounds(x, odd, vec2u(key.y, k2 + 4u));
  return threefryRounds(x, even, vec2u(k2, key.x + 5u));
}

/** The key of stream `data` below the key. */
fn fold(key: vec2u, data: u32) -> vec2u {
  return threefry(key, vec2u(data, 0u));
}

/** The bits of entry j, independent of all others. */
fn independentBits(row: vec2u, j: u32) -> u32 {
  var x = row.x + j * GOLDEN_STEP;
  x ^= x >> 16u;
  x *= 0x7feb352du;
  x ^= (x >> 15u) ^ row.y;
  x *= 0x846ca68bu;
  x ^= x >> 16u;
  return x;
}

/** The bits of entry j by rotation: exact one by one, dependent along the row. */
fn rotationBits(row: vec2u, j: u32) -> u32 {
  return row.x + j * GOLDEN_STEP;
}

/** A uniform in (0, 1], a multiple of 2^-24. */
fn toUniform(bits: u32) -> f32 {
  return f32((bits >> 8u) + 1u) * 0x1p-24f;
}
