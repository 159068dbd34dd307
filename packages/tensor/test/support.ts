import { describe, expect } from "vitest";
import { type Device, type DeviceOptions, openDevice, type Tensor, type TypedArray } from "../src/index.ts";
import { gpuWays, hasWebGpu, openGpu } from "./gpu.ts";
import { largest, largestDifference } from "./numbers.ts";

export { dot, numbers, numericGradient } from "./numbers.ts";

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

/** Expects two float64 vectors to agree to `tolerance` of the largest value. */
export function expectClose(actual: ArrayLike<number>, exact: ArrayLike<number>, tolerance = 1e-8): void {
  expect(actual.length).toBe(exact.length);
  expect(largestDifference(actual, exact)).toBeLessThanOrEqual(tolerance * Math.max(1, largest(exact)));
}
