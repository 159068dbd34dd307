import type { Key } from "@sus/graph";
import { expectNumber, onDevice } from "../checks.ts";
import type { Device } from "../device/device.ts";
import type { Tensor } from "../tensor.ts";
import { randomNormalReference } from "./reference.ts";
import { randomUniformWasm } from "./wasm.ts";
import { randomUniformWebGpu } from "./webgpu.ts";

/**
 * Independent numbers uniform on (low, high]: element i is `low + (high − low) · u_i`, from entry i of the row `key`, so
 * it is the same on every device.
 *
 * @param options.low default 0.
 * @param options.high default 1, above `low`.
 * @returns a new tensor, the caller's to dispose.
 */
export function randomUniform(
  device: Device,
  shape: readonly number[],
  key: Key,
  { low = 0, high = 1 }: { readonly low?: number; readonly high?: number } = {},
): Tensor {
  expectNumber("randomUniform", "low", low);
  expectNumber("randomUniform", "high", high, { above: low });
  return onDevice(device, {
    wasm: (wasm) => randomUniformWasm(wasm, shape, key, low, high),
    webgpu: (gpu) => randomUniformWebGpu(gpu, shape, key, low, high),
  });
}

/**
 * Independent normal numbers of mean 0 and standard deviation `std`, from the row `key` by the method of Box and Muller
 * (1958); none is further out than 5.8 `std`. Computed on the host and copied: for parameters, once.
 *
 * @returns a new tensor, the caller's to dispose.
 */
export function randomNormal(device: Device, shape: readonly number[], key: Key, std = 1): Tensor {
  expectNumber("randomNormal", "std", std, { atLeast: 0 });
  const size = shape.reduce((product, length) => product * length, 1);
  return device.tensor(Float32Array.from(randomNormalReference(size, key, std)), shape);
}
