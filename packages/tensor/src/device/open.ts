import { DeviceError } from "../errors.ts";
import { WasmDevice } from "../wasm/device.ts";
import type { Device } from "./device.ts";

export interface DeviceOptions {
  /** Threads of the WebAssembly device: at least 1. */
  readonly threads?: number;
  /** WebAssembly: `false` forces the build without relaxed SIMD. Default: what the engine has. */
  readonly relaxed?: boolean;
  /** Measure every kernel; read the sums from `device.milliseconds`. */
  readonly profile?: boolean;
}

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
  return new WasmDevice(options);
}
