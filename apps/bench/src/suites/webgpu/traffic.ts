import { type Binding, Tensor, type WebGpuDevice } from "@sus/tensor";

/** The bindings that a kernel reads as well as writes, by their places: these are moved twice. */
const updated: Readonly<Record<string, readonly number[]>> = {
  adamw: [0, 1, 2],
  addTo: [0],
  clip: [0],
  scanAdd: [0],
  scanBlocks: [0],
};

/** Calls of a kernel and the bytes that they have to move at least. */
export interface Traffic {
  calls: number;
  bytes: number;
}

/**
 * Counts what the kernels that `run` calls have to move: everything that is bound, once. That is the floor of a kernel,
 * unless it reads only a part of what it binds.
 */
export function trafficOf(device: WebGpuDevice, run: () => void): Map<string, Traffic> {
  const seen = new Map<string, Traffic>();
  const original = device.run;
  device.run = (kernel, call) => {
    const traffic = seen.get(kernel.label) ?? { calls: 0, bytes: 0 };
    seen.set(kernel.label, traffic);
    traffic.calls++;
    traffic.bytes += bytesOf(call.bindings, updated[kernel.label] ?? []);
    original.call(device, kernel, call);
  };
  try {
    run();
  } finally {
    device.run = original;
  }
  return seen;
}

function bytesOf(bindings: readonly Binding[], twice: readonly number[]): number {
  return bindings.reduce((sum, binding, i) => {
    const elements = binding instanceof Tensor ? binding.size : binding.count;
    return sum + 4 * elements * (twice.includes(i) ? 2 : 1);
  }, 0);
}
