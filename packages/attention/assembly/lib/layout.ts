// How the kernels of this package cut a head's scores into pieces. Sizes are in elements unless they say bytes.

/** Rows of the register tile: 6 × 8 sums take 12 of the 15 registers that the engine hands out on x64. */
// @ts-ignore: decorator
@inline
export const TILE: i32 = 6;

/** Columns of the register tile, and the width of a packed panel. */
// @ts-ignore: decorator
@inline
export const PANEL: i32 = 8;

/** Keys whose scores are held at a time, for one tile of rows. */
// @ts-ignore: decorator
@inline
export const CHUNK: i32 = 512;

/** Bytes from one row of held scores to the next: off the powers of two, which would share cache sets. */
// @ts-ignore: decorator
@inline
export const SCORE_ROW: usize = (512 + 16) * 4;

/** Bytes of the held scores of a tile of rows. */
// @ts-ignore: decorator
@inline
export const SCORE_TILE: usize = 6 * SCORE_ROW;

/** Bytes of a row of a panel. */
// @ts-ignore: decorator
@inline
export const PANEL_ROW: usize = 32;

/** A start for running maxima below every score that counts; finite, so that −∞ minus it is not NaN. */
// @ts-ignore: decorator
@inline
export const LOWEST: f32 = -3.0e38;

/** `count` rounded up to a multiple of `unit`, a power of two. */
// @ts-ignore: decorator
@inline
export function roundUp(count: i32, unit: i32): i32 {
  return (count + unit - 1) & -unit;
}
