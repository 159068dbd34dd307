import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

export function addWasm(device: WasmDevice, a: Tensor, b: Tensor, given?: Tensor): Tensor {
  const run = (out: Tensor) => {
    const args = [a, b, out].map((tensor) => device.pointer(tensor));
    device.run(kernels, "add", a.size, args, { grain: elementGrain });
  };
  return withOutput(device, a.shape, run, given);
}
