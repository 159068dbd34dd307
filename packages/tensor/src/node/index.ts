/*
 * WebGPU in Node, which has none of its own: by Dawn, the implementation in Chromium, in the npm package `webgpu`. It is
 * an optional peer dependency, loaded when it is first asked for.
 */

import type { Device } from "../device/device.ts";
import { type DeviceKind, type DeviceOptions, openDevice as open } from "../device/open.ts";
import { DeviceError } from "../errors.ts";
import { globalGpu } from "../webgpu/adapter.ts";

export { isSoftware } from "../webgpu/adapter.ts";

const opened = new Map<string, Promise<GPU>>();

/**
 * Dawn's `GPU`, one for the process and set of flags.
 *
 * @param flags Dawn's own, such as "adapter=<name>" or "enable-dawn-features=<names>".
 * @throws DeviceError where the package `webgpu` is not installed or does not load.
 */
export function nodeGpu(flags: readonly string[] = []): Promise<GPU> {
  const key = flags.join(" ");
  const known = opened.get(key);
  if (known !== undefined) return known;
  const gpu = import("webgpu").then(
    ({ create }) => create([...flags]) as unknown as GPU,
    (error: unknown) => {
      throw new DeviceError(`webgpu: the npm package "webgpu" is needed in Node: ${String(error)}`);
    },
  );
  opened.set(key, gpu);
  return gpu;
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
