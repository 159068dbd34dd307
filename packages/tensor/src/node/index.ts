/*
 * WebGPU in Node, which has none of its own: by Dawn, the implementation in Chromium, in the npm package `webgpu`. It is
 * an optional peer dependency, loaded when it is first asked for.
 */

import type { Device } from "../device/device.ts";
import { type DeviceKind, type DeviceOptions, openDevice as open } from "../device/open.ts";
import { DeviceError } from "../errors.ts";
import { globalGpu } from "../webgpu/adapter.ts";

let dawn: Promise<GPU> | undefined;

/**
 * Dawn's `GPU`, one for the process.
 *
 * @throws DeviceError where the package `webgpu` is not installed or does not load.
 */
export function nodeGpu(): Promise<GPU> {
  dawn ??= import("webgpu").then(
    ({ create }) => create([]) as unknown as GPU,
    (error: unknown) => {
      dawn = undefined;
      throw new DeviceError(`webgpu: the npm package "webgpu" is needed in Node: ${String(error)}`);
    },
  );
  return dawn;
}

/**
 * `openDevice` of "@sus/tensor" for Node: the same, with Dawn where a GPU is asked for and the runtime has no WebGPU of its
 * own. With "auto" and without the package `webgpu` it opens the processor.
 *
 * @throws DeviceError where the device is not available, and says why.
 */
export async function openDevice(kind: DeviceKind = "auto", options: DeviceOptions = {}): Promise<Device> {
  const supplied = kind === "wasm" || (options.device ?? options.gpu ?? globalGpu()) !== undefined;
  if (supplied) return open(kind, options);
  if (kind === "webgpu") return open(kind, { ...options, gpu: await nodeGpu() });
  const gpu = await nodeGpu().catch(() => undefined);
  return open(kind, gpu === undefined ? options : { ...options, gpu });
}
