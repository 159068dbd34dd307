import { DeviceError } from "../errors.ts";
import { WasmDevice, type WasmOptions } from "../wasm/device.ts";
import type { Device } from "./device.ts";

export type DeviceOptions = WasmOptions;

/**
 * Opens a device: "wasm" is the CPU, and "auto" the best that is here. The caller disposes it.
 * Throws `DeviceError` where the device is not available, and says why.
 */
export async function openDevice(
  kind: "wasm" | "auto" = "auto",
  options: DeviceOptions = {},
): Promise<Device> {
  if (kind !== "wasm" && kind !== "auto") {
    throw new DeviceError(`openDevice: expected "wasm" or "auto", got ${JSON.stringify(kind)}`);
  }
  return WasmDevice.open(options);
}
