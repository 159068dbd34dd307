import { median } from "@sus/bench-harness";
import type { WebGpuDevice } from "@sus/tensor";
import { type Traffic, trafficOf } from "./traffic.ts";

/** Something to measure: what `run` makes is disposed of after it. */
export interface Work {
  readonly run: () => unknown;
  /** Floating-point operations, by the kernel that makes them. */
  readonly flops: Readonly<Record<string, number>>;
  /** Bytes that have to be moved, for kernels that read only a part of what they bind. */
  readonly bytes?: Readonly<Record<string, number>>;
}

export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  /** Of all calls together. */
  readonly ms: number;
  readonly bytes: number;
  readonly flops: number | undefined;
}

export interface Effort {
  readonly rounds: number;
  /** Times that the work is done in a round, one after the other. */
  readonly repeats: number;
}

/** The median milliseconds of each kernel that a piece of work runs, by time stamps of the GPU. */
export async function measure(
  device: WebGpuDevice,
  { run, flops, bytes = {} }: Work,
  { rounds, repeats }: Effort,
): Promise<KernelTime[]> {
  const once = () => {
    using _ = device.scope();
    run();
  };
  // The first time everything is compiled.
  const traffic = trafficOf(device, once);
  await device.settle();
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    device.resetMilliseconds();
    for (let repeat = 0; repeat < repeats; repeat++) once();
    await device.settle();
    for (const [kernel, ms] of device.milliseconds) {
      times.set(kernel, [...(times.get(kernel) ?? []), ms / repeats]);
    }
  }
  return [...traffic].map(([kernel, { calls, bytes: bound }]: [string, Traffic]) => ({
    kernel,
    calls,
    ms: median(times.get(kernel) ?? []),
    bytes: bytes[kernel] ?? bound,
    flops: flops[kernel],
  }));
}
