import { performance } from "node:perf_hooks";
import kernels from "../assembly/index.ts?kernels";

/** What of a WebAssembly device is needed to find its limits; `WasmDevice` of @sus/tensor is one. */
export interface KernelDevice {
  readonly threads: number;
  allocate(bytes: number): number;
  free(pointer: number): void;
  run(
    kernels: { readonly simd: string; readonly relaxed: string },
    name: string,
    count: number,
    args: readonly number[],
    options?: { readonly grain?: number },
  ): void;
}

/** A limit of the engine on this machine, measured by calling `run` in turns with what is compared to it. */
export interface Ceiling extends Disposable {
  /** Does the work once. */
  run(): void;
  /** Billions a second (operations, or bytes read and written) where `run` took so many milliseconds. */
  rate(milliseconds: number): number;
}

/** Parts a thread, as many as the device makes of a range: each thread gets the same number. */
const partsPerThread = 8;
const operationsPerRound = 80;
const roundsPerPart = 2e5;
const warmUpMilliseconds = 100;

/** GFLOP/s of a multiply-add loop on all the device's threads that reads and writes no memory. Takes some 3 ms. */
export function arithmeticCeiling(device: KernelDevice): Ceiling {
  const parts = device.threads * partsPerThread;
  const out = device.allocate(16 * parts);
  const run = () => device.run(kernels, "arithmetic", parts, [out, roundsPerPart, 0.75, 0.25]);
  warmUp(run);
  return {
    run,
    rate: (milliseconds) => (parts * roundsPerPart * operationsPerRound) / milliseconds / 1e6,
    [Symbol.dispose]: () => device.free(out),
  };
}

/** GB/s, read and written, of a plain copy of `bytes` (a multiple of 16) on all the device's threads. */
export function copyCeiling(device: KernelDevice, bytes: number): Ceiling {
  const [from, to] = [device.allocate(bytes), device.allocate(bytes)];
  const run = () => device.run(kernels, "copy", bytes / 16, [from, to], { grain: 2048 });
  warmUp(run);
  return {
    run,
    rate: (milliseconds) => (2 * bytes) / milliseconds / 1e6,
    [Symbol.dispose]: () => {
      device.free(from);
      device.free(to);
    },
  };
}

/** Engines run new code unoptimised at first, and swap a loop's code between two calls only. */
function warmUp(run: () => void): void {
  const end = performance.now() + warmUpMilliseconds;
  while (performance.now() < end) run();
}
