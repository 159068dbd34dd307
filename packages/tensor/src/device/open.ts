import { DeviceError } from "../errors.ts";
import { WasmDevice, type WasmOptions } from "../wasm/device.ts";
import { findAdapter, globalGpu, nameOf } from "../webgpu/adapter.ts";
import { WebGpuDevice } from "../webgpu/device.ts";
import type { WebGpuOptions } from "../webgpu/options.ts";
import type { Device } from "./device.ts";

/** Options of both kinds of device; each takes its own. */
export interface DeviceOptions extends WasmOptions, WebGpuOptions {}

export type DeviceKind = "wasm" | "webgpu" | "auto";

/**
 * Opens a device, the caller's to dispose of: "wasm" is the processor, "webgpu" the GPU, and "auto" the GPU where an
 * adapter is found that is not made of software, else the processor; `reason` says why.
 *
 * @throws DeviceError where the device is not available, and says why.
 */
export async function openDevice(kind: DeviceKind = "auto", options: DeviceOptions = {}): Promise<Device> {
  if (kind === "wasm") return WasmDevice.open(options);
  if (kind === "webgpu") return WebGpuDevice.open(options);
  if (kind !== "auto") {
    throw new DeviceError(
      `openDevice: expected "wasm", "webgpu" or "auto", got ${JSON.stringify(kind satisfies never)}`,
    );
  }
  if (options.device !== undefined) return WebGpuDevice.open(options, "a GPUDevice was given");
  const reason = await againstWebGpu(options);
  if (reason !== undefined) return WasmDevice.open(options, reason);
  try {
    return await WebGpuDevice.open(options, "an adapter was found");
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return WasmDevice.open(options, error.message);
  }
}

async function againstWebGpu({ gpu = globalGpu() }: DeviceOptions): Promise<string | undefined> {
  const found = await findAdapter(gpu);
  if ("reason" in found) return found.reason;
  return found.software ? `the only adapter is software, ${nameOf(found.adapter.info)}` : undefined;
}
