import { independentBits, key, toUniform } from "@sus/graph";
import { describe, expect } from "vitest";
import { type Device, type DeviceOptions, openDevice, type Tensor, type TypedArray } from "../src/index.ts";
import { gpuWays, hasWebGpu, openGpu } from "./gpu.ts";

const builds = [
  ["relaxed SIMD", { relaxed: true, threads: 1 }],
  ["plain SIMD", { relaxed: false, threads: 1 }],
] as const;

/** Opens a device; its new memory is full of not-a-numbers, so that what a kernel forgets to write is seen. */
export type Open = () => Promise<Device>;

/** Defines the tests once for each build of the WebAssembly kernels, on one thread. */
export function onBothBuilds(name: string, define: (open: Open) => void): void {
  describe.each(builds)(`${name}, %s`, (_build, options) =>
    define(async () => {
      const device = await openDevice("wasm", options);
      device.tensor(new Float32Array(2 ** 20).fill(Number.NaN), [2 ** 20])[Symbol.dispose]();
      device.resetPeak();
      return device;
    }),
  );
}

/** Defines the tests once for each way that WebGPU kernels run; `small` are the options of small bindings. */
export function onWebGpu(name: string, define: (open: Open) => void, small: DeviceOptions = {}): void {
  describe.runIf(hasWebGpu).each(gpuWays)(`${name}, %s`, (_way, way) =>
    define(() => openGpu({ ...way, ...("bindingBytes" in way ? small : {}) })),
  );
}

/** Defines the tests once for each build of the WebAssembly kernels and each way that WebGPU kernels run. */
export function onEveryDevice(name: string, define: (open: Open) => void, small: DeviceOptions = {}): void {
  onBothBuilds(name, define);
  onWebGpu(name, define, small);
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
