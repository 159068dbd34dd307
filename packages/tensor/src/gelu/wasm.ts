import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain, expScratchBytes } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

const options = { scratchBytes: expScratchBytes, grain: elementGrain };

export function geluWasm(device: WasmDevice, x: Tensor): Tensor {
  return withOutput(device, x.shape, (out) => {
    device.run(kernels, "gelu", x.size, [device.pointer(x), device.pointer(out)], options);
  });
}

export function geluBackwardWasm(device: WasmDevice, x: Tensor, dOut: Tensor): Tensor {
  return withOutput(device, x.shape, (dx) => {
    const args = [x, dOut, dx].map((tensor) => device.pointer(tensor));
    device.run(kernels, "geluBackward", x.size, args, options);
  });
}
