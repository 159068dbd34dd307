import { type Device, openDevice } from "@sus/tensor";
import { describe } from "vitest";
import { gpuWays, hasWebGpu, openGpu } from "../../tensor/test/gpu.ts";

export { hasWebGpu, openGpu } from "../../tensor/test/gpu.ts";

/** Runs a test on a device, in a scope, and waits for what goes wrong on a GPU. */
export type RunOnGpu = (body: (device: Device) => Promise<void>) => Promise<void>;

/**
 * Defines tests for each way that WebGPU kernels run: with and without subgroups, and in bindings of `bindingBytes`, so
 * small that operands are cut into parts, by dispatches so small that they are folded.
 */
export function onEachGpu(name: string, bindingBytes: number, define: (run: RunOnGpu) => void): void {
  describe.runIf(hasWebGpu).each(gpuWays)(`${name}, %s`, (_, way) => {
    const options = "bindingBytes" in way ? { ...way, bindingBytes } : way;
    define((body) => inScope(openGpu(options), body));
  });
}

/** The same on the processor. */
export function onWasm(body: (device: Device) => Promise<void>): Promise<void> {
  return inScope(openDevice("wasm", { threads: 1 }), body);
}

async function inScope(opening: Promise<Device>, body: (device: Device) => Promise<void>): Promise<void> {
  using device = await opening;
  const scope = device.scope();
  await body(device);
  await device.settle();
  scope[Symbol.dispose]();
}
