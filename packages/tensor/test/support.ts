import { independentBits, key, toUniform } from "@sus/graph";
import { describe, expect } from "vitest";
import { type Device, openDevice, type Tensor, type TypedArray } from "../src/index.ts";

const builds = [
  ["relaxed SIMD", true],
  ["plain SIMD", false],
] as const;

/**
 * Defines the tests once for each build of the kernels. `open` gives a new device of one thread, whose memory is full
 * of not-a-numbers, so that what a kernel forgets to write is seen.
 */
export function onBothBuilds(name: string, define: (open: () => Promise<Device>) => void): void {
  describe.each(builds)(`${name}, %s`, (_build, relaxed) =>
    define(async () => {
      const device = await openDevice("wasm", { relaxed, threads: 1 });
      device.tensor(new Float32Array(2 ** 20).fill(Number.NaN), [2 ** 20])[Symbol.dispose]();
      device.resetPeak();
      return device;
    }),
  );
}

/** Expects what `compute` makes to be the same bits on one thread and split into many parts over three. */
export async function expectSameBitsOnThreads(compute: (device: Device) => readonly Tensor[]): Promise<void> {
  const results: TypedArray[][] = [];
  for (const threads of [1, 3]) {
    using device = await openDevice("wasm", { threads });
    results.push(await Promise.all(compute(device).map((tensor) => tensor.read())));
  }
  expect(results[1]).toEqual(results[0]);
}

/** Numbers spread evenly over (−scale, scale], the same for the same seed. */
export function numbers(length: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const row = key(seed);
  return Float32Array.from({ length }, (_, i) => scale * (2 * toUniform(independentBits(row, i)) - 1));
}

function largest(values: ArrayLike<number>): number {
  return Array.prototype.reduce.call(values, (top, x) => Math.max(top as number, Math.abs(x)), 0) as number;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return largest(Float64Array.from({ length: b.length }, (_, i) => a[i]! - b[i]!));
}

/**
 * Expects the largest error against float64 to be at most twice that of the plain float32 loop, plus, for cases that
 * the plain loop happens to get right, 2 ulp of the largest value, or of the largest of the `terms` that cancel in it.
 */
export function expectAccurate(
  actual: ArrayLike<number>,
  plain: ArrayLike<number>,
  exact: ArrayLike<number>,
  terms: ArrayLike<number> = exact,
): void {
  expect(actual.length).toBe(exact.length);
  const allowed = 2 * largestDifference(plain, exact) + 2 ** -22 * Math.max(largest(exact), largest(terms));
  expect(largestDifference(actual, exact)).toBeLessThanOrEqual(allowed);
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

/** Expects two float64 vectors to agree to `tolerance` of the largest value. */
export function expectClose(actual: ArrayLike<number>, exact: ArrayLike<number>, tolerance = 1e-8): void {
  expect(actual.length).toBe(exact.length);
  expect(largestDifference(actual, exact)).toBeLessThanOrEqual(tolerance * Math.max(1, largest(exact)));
}

/** `Σ a_i b_i`: turns an output into a loss whose cotangent is `b`. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
