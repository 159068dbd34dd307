import { type Device, openDevice } from "@sus/tensor";
import { gpuWays, hasWebGpu, openGpu } from "../../tensor/test/gpu.ts";

export { hasWebGpu } from "../../tensor/test/gpu.ts";

/** A way that kernels run. */
export interface Way {
  readonly name: string;
  readonly open: () => Promise<Device>;
}

const wasm = [
  ["relaxed SIMD, one thread", { relaxed: true, threads: 1 }],
  ["plain SIMD, one thread", { relaxed: false, threads: 1 }],
  ["relaxed SIMD, three threads", { relaxed: true, threads: 3 }],
] as const;

/** The ways of WebGPU: with and without subgroups, and in bindings so small that everything is cut into pieces. */
function gpu(small: { readonly bindingBytes?: number } = {}): readonly Way[] {
  return gpuWays.map(([name, options]) => ({
    name,
    open: () => openGpu({ ...options, ...("bindingBytes" in options ? small : {}) }),
  }));
}

/** 64 rows of a dense matrix have to fit into a small binding. */
const dense = { bindingBytes: 2 ** 18 };

/** The ways of WebGPU alone, to be used where `hasWebGpu`. */
export const gpuDevices: readonly Way[] = gpu(dense);

const wasmDevices: readonly Way[] = wasm.map(([name, options]) => ({
  name,
  open: async () => {
    const device = await openDevice("wasm", options);
    device.tensor(new Float32Array(2 ** 21).fill(Number.NaN), [2 ** 21])[Symbol.dispose]();
    return device;
  },
}));

/** All ways, each of which every operation is tested in. New memory is full of NaN: what relies on zeros is found out. */
export const devices: readonly Way[] = [...wasmDevices, ...(hasWebGpu ? gpu() : [])];

/** The same for operations on dense matrices. */
export const denseDevices: readonly Way[] = [...wasmDevices, ...(hasWebGpu ? gpuDevices : [])];

/** Runs a test on a device of its own, in a scope, and waits for what goes wrong on a GPU. */
export async function onDevice(way: Way, body: (device: Device) => Promise<void>): Promise<void> {
  using device = await way.open();
  const scope = device.scope();
  await body(device);
  await device.settle();
  scope[Symbol.dispose]();
}
