import { storeExponentialConstants } from "../lib/exponential";
import { storeLogarithmConstants } from "../lib/logarithm";
import { storePackingOrders } from "../lib/packing";

// What the loops of the forward pass load from memory instead of building it anew in every iteration, and a little room
// to write to. Where things lie from `constants` on, behind the constants of the exponential: the six factors of a tile's
// rows, a bit for each key of a chunk, and the constants of the rotation, the hash, the logarithm, the packing of lanes and
// the reciprocals.
// @ts-ignore: decorator
@inline
export const FACTORS: usize = 128;
// @ts-ignore: decorator
@inline
export const MASKS: usize = 192;
// @ts-ignore: decorator
@inline
export const ROTATION: usize = 256;
// @ts-ignore: decorator
@inline
export const HASH: usize = 352;
// @ts-ignore: decorator
@inline
export const LOGARITHM: usize = 400;
// @ts-ignore: decorator
@inline
export const PACKING: usize = 576;
// @ts-ignore: decorator
@inline
export const RECIPROCAL: usize = 832;
// @ts-ignore: decorator
@inline
export const CONSTANT_BYTES: usize = 896;

const GOLDEN_STEP: i32 = 0x9e3779b9;
const ONE: f32 = 16777216.0;

/** Writes all constants. */
export function storeConstants(at: usize): void {
  storeExponentialConstants(at);
  storeRotationConstants(at + ROTATION);
  storeHashConstants(at + HASH);
  storeLogarithmConstants(at + LOGARITHM);
  storePackingOrders(at + PACKING);
  // Twice the bits of 1, less 0.095 mantissas: baselines get at most 5.0 % too large, and 5.2 % too small.
  v128.store(at + RECIPROCAL, i32x4.splat(0x7ef3d07d));
}

/** The rotation's step from four entries to the next four, its steps within four, its step, 2²⁴, 2⁻²⁴ and 1. */
function storeRotationConstants(at: usize): void {
  v128.store(at, i32x4.splat(4 * GOLDEN_STEP));
  v128.store(at, i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(GOLDEN_STEP)), 16);
  v128.store(at, i32x4.splat(GOLDEN_STEP), 32);
  v128.store(at, f32x4.splat(ONE), 48);
  v128.store(at, f32x4.splat(1 / ONE), 64);
  v128.store(at, f32x4.splat(1), 80);
}

/** The two factors of `independentBits`, and 1. */
function storeHashConstants(at: usize): void {
  v128.store(at, i32x4.splat(0x7feb352d));
  v128.store(at, i32x4.splat(0x846ca68b), 16);
  v128.store(at, i32x4.splat(1), 32);
}
