// WebGPU in tests, for the other packages too (by relative path).
import { afterAll, afterEach, expect } from "vitest";
import { type DeviceOptions, openDevice, type WebGpuDevice } from "../src/index.ts";
import { nodeGpu } from "../src/node/index.ts";

/** Clearing workgroup memory is slow to compile for the software adapter: seconds a kernel. Ours set what they read. */
const flags = ["enable-dawn-features=disable_workgroup_init"];
const gpu = await nodeGpu(flags).catch(() => undefined);
const adapter = await gpu?.requestAdapter().catch(() => null);

/** The adapter is software where there is no GPU. Without any a contributor still gets the other tests; CI must have one. */
export const hasWebGpu: boolean = process.env["CI"] !== undefined || Boolean(adapter);

/** The ways that kernels run: each option makes a difference that results must not show. */
export const gpuWays = [
  ["webgpu", { subgroups: true }],
  ["webgpu without subgroups", { subgroups: false }],
  ["webgpu in small bindings and dispatches", { bindingBytes: 2 ** 16, workgroupsPerDimension: 3 }],
] as const;

/** Errors that no scope of a device caught: there must be none. */
const uncaptured: string[] = [];
afterEach(() => {
  expect(uncaptured.splice(0)).toEqual([]);
});

/** One for all tests of a file, of the default limits: what was compiled for one test need not be for the next. */
let shared: Promise<GPUDevice> | undefined;
afterAll(async () => {
  (await shared)?.destroy();
});

async function requestShared(): Promise<GPUDevice> {
  if (!adapter) throw new Error("expected an adapter of WebGPU, found none: is there a Vulkan driver?");
  const wanted = ["subgroups", "timestamp-query"] as const;
  const requiredFeatures = wanted.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ requiredFeatures });
  device.addEventListener("uncapturederror", ({ error }) => uncaptured.push(error.message));
  return device;
}

/** Opens a device whose new memory is full of not-a-numbers, so that what a kernel forgets to write is seen. */
export async function openGpu(options: DeviceOptions = {}): Promise<WebGpuDevice> {
  shared ??= requestShared();
  const device = (await openDevice("webgpu", { device: await shared, ...options })) as WebGpuDevice;
  const empty = device.empty.bind(device);
  device.empty = (shape, dtype) => {
    const tensor = empty(shape, dtype);
    const buffer = device.buffer(tensor);
    device.flush();
    device.device.queue.writeBuffer(buffer, 0, new Float32Array(buffer.size / 4).fill(Number.NaN));
    return tensor;
  };
  return device;
}

/** Opens a device of its own, whose loss hurts nobody. */
export async function openOwnGpu(options: DeviceOptions = {}): Promise<WebGpuDevice> {
  return (await openDevice("webgpu", { gpu: gpu!, ...options })) as WebGpuDevice;
}
