/**
 * The least elements of an element-wise kernel that are worth waking a thread for; a multiple of 4, so that only the
 * last part ends within a vector.
 */
export const elementGrain = 8192;

/** The rows of this width that hold about `elementGrain` elements. */
export function rowGrain(width: number): number {
  return Math.max(1, Math.ceil(elementGrain / Math.max(1, width)));
}

/** The columns that a part of a column sum owns: whole cache lines. */
export const columnGrain = 16;

/** Scratch of the kernels that take exponentials: the constants, which the kernel writes there. */
export const expScratchBytes = 128;
