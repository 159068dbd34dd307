import type { Key } from "@sus/graph";
import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

export function randomUniformWasm(
  device: WasmDevice,
  shape: readonly number[],
  { k0, k1 }: Key,
  low: number,
  high: number,
): Tensor {
  return withOutput(device, shape, (out) => {
    const args = [device.pointer(out), k0, k1, low, high - low];
    device.run(kernels, "randomUniform", out.size, args, { grain: elementGrain });
  });
}
