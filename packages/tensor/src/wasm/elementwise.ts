/**
 * The least elements of an element-wise kernel that are worth waking a thread for; a multiple of 4, so that only the
 * last part ends within a vector.
 */
export const elementGrain = 8192;

/** The rows of this width that hold about `elementGrain` elements. */
export function rowGrain(width: number): number {
  return Math.max(1, Math.ceil(elementGrain / Math.max(1, width)));
}

/**
 * The columns that a part of a column sum owns: one part a thread, as each walks through all rows and narrow strips of
 * them waste what is fetched; whole cache lines, so that no two threads write to one.
 */
export function columnGrain(width: number, threads: number): number {
  return Math.max(1, Math.ceil(width / threads / 16)) * 16;
}

/** Scratch of the kernels that take exponentials: the constants, which the kernel writes there. */
export const expScratchBytes = 128;
