// What tests compute with, in Node and in a page.
import { independentBits, key, toUniform } from "@sus/graph";

/** Numbers spread evenly over (−scale, scale], the same for the same seed. */
export function numbers(length: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const row = key(seed);
  return Float32Array.from({ length }, (_, i) => scale * (2 * toUniform(independentBits(row, i)) - 1));
}

/** The gradient of `f` at `x` by central differences, for references in float64. */
export function numericGradient(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  step = 1e-4,
): Float64Array {
  return Float64Array.from({ length: x.length }, (_, i) => {
    const at = (shift: number) => f(Float64Array.from(x, (value, j) => (j === i ? value + shift : value)));
    return (8 * (at(step / 2) - at(-step / 2)) - (at(step) - at(-step))) / (6 * step);
  });
}

/** `Σ a_i b_i`: turns an output into a loss whose cotangent is `b`. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The largest size. */
export function largest(values: ArrayLike<number>): number {
  return Array.prototype.reduce.call(values, (top, x) => Math.max(top as number, Math.abs(x)), 0) as number;
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return largest(Float64Array.from({ length: b.length }, (_, i) => a[i]! - b[i]!));
}
