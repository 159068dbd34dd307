import { type Key, threefry } from "./threefry.ts";

/** 2³² divided by the golden ratio, odd: the step of the rotation, which spreads successive entries evenly. */
const goldenStep = 0x9e3779b9;

/** The resolution of a uniform: every uniform is a multiple of 2⁻²⁴, which float32 holds exactly. */
export const resolution: number = 2 ** -24;

/** A key for the stream `data` below `key`; `key(seed)` is where a program starts. Both take unsigned 32-bit integers. */
export function fold(parent: Key, data: number): Key {
  return threefry(parent, data, 0);
}

/** The root key of a seed: an integer in [0, 2⁵³). */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`key: expected a seed that is an integer in [0, 2^53), got ${seed}`);
  }
  return fold({ k0: seed >>> 0, k1: Math.floor(seed / 2 ** 32) >>> 0 }, 0);
}

/** A uniform in (0, 1] from 32 random bits: `(⌊bits / 2⁸⌋ + 1) · 2⁻²⁴`, never 0 and exact in float32. */
export function toUniform(bits: number): number {
  return ((bits >>> 8) + 1) * resolution;
}

/**
 * Entry `j` of the row with key `row`, independent of all others: two multiply-xorshift rounds (lowbias32) over a
 * Weyl sequence, with the row's second word folded in between so that no two rows share a sequence.
 */
export function independentBits(row: Key, j: number): number {
  let x = (row.k0 + Math.imul(j, goldenStep)) | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= (x >>> 15) ^ row.k1;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x >>> 0;
}

/**
 * Entry `j` of the row with key `row`, by rotation: `frac(h + j·φ)` in 32-bit arithmetic. Each entry is exactly
 * uniform, which is all that an unbiased `bernoulli` needs, but the entries of one row are not independent, so a
 * design whose threshold depends on other entries' draws (`priority`) must not use it.
 */
export function rotationBits(row: Key, j: number): number {
  return (row.k0 + Math.imul(j, goldenStep)) >>> 0;
}
