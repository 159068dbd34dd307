// The random function of `@sus/graph` (src/random), which is its specification: equal bit for bit.

const GOLDEN_STEP: u32 = 0x9e3779b9;

/** Threefry-2x32-20 with counter (c0, c1): the first word in the low half, the second in the high half. */
export function threefry(k0: u32, k1: u32, c0: u32, c1: u32): u64 {
  const k2: u32 = 0x1bd11bda ^ k0 ^ k1;
  let x0 = c0 + k0, x1 = c1 + k1;
  x0 += x1; x1 = rotl<u32>(x1, 13) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 15) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 26) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 6) ^ x0;
  x0 += k1; x1 += k2 + 1;
  x0 += x1; x1 = rotl<u32>(x1, 17) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 29) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 16) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 24) ^ x0;
  x0 += k2; x1 += k0 + 2;
  x0 += x1; x1 = rotl<u32>(x1, 13) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 15) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 26) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 6) ^ x0;
  x0 += k0; x1 += k1 + 3;
  x0 += x1; x1 = rotl<u32>(x1, 17) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 29) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 16) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 24) ^ x0;
  x0 += k1; x1 += k2 + 4;
  x0 += x1; x1 = rotl<u32>(x1, 13) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 15) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 26) ^ x0;
  x0 += x1; x1 = rotl<u32>(x1, 6) ^ x0;
  x0 += k2; x1 += k0 + 5;
  return (x0 as u64) | ((x1 as u64) << 32);
}

/** The key of stream `data` below the key; the same packing as `threefry`. */
// @ts-ignore: decorator
@inline
export function fold(key: u64, data: u32): u64 {
  return threefry(key as u32, (key >> 32) as u32, data, 0);
}

/** The bits of entry j, independent of all others. */
// @ts-ignore: decorator
@inline
export function independentBits(row: u64, j: u32): u32 {
  let x = (row as u32) + j * GOLDEN_STEP;
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= (x >> 15) ^ ((row >> 32) as u32);
  x *= 0x846ca68b;
  x ^= x >> 16;
  return x;
}

/** The bits of entry j by rotation: exact one by one, dependent along the row. */
// @ts-ignore: decorator
@inline
export function rotationBits(row: u64, j: u32): u32 {
  return (row as u32) + j * GOLDEN_STEP;
}

/** A uniform in (0, 1], a multiple of 2⁻²⁴. */
// @ts-ignore: decorator
@inline
export function toUniform(bits: u32): f32 {
  return (((bits >> 8) + 1) as f32) * (1.0 / 16777216.0);
}
