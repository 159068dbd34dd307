import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

export function scaleWasm(device: WasmDevice, x: Tensor, factor: number | Tensor, given?: Tensor): Tensor {
  const byNumber = typeof factor === "number";
  const run = (out: Tensor) => {
    const args = [device.pointer(x), device.pointer(out), byNumber ? factor : device.pointer(factor)];
    device.run(kernels, byNumber ? "scale" : "scaleBy", x.size, args, { grain: elementGrain });
  };
  return withOutput(device, x.shape, run, given);
}
