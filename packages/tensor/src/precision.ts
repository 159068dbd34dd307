/**
 * The arithmetic a reference works in, applied to the result of every operation: `float64` makes it the
 * specification, `float32` the plain float32 loop that a kernel's error is compared with.
 */
export type Round = (value: number) => number;

export const float64: Round = (value) => value;
export const float32: Round = Math.fround;
