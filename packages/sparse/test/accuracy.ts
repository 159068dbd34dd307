import { expect } from "vitest";

/** The largest difference of two arrays. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** Holds a kernel to twice the error of the plain float32 loop, both against float64, plus two roundings. */
export function expectAsExactAs(
  plain: ArrayLike<number>,
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
): void {
  const largest = distance(exact, new Float64Array(exact.length));
  expect(distance(actual, exact)).toBeLessThanOrEqual(2 * distance(plain, exact) + largest * 2 ** -23);
}
