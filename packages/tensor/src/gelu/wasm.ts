import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

export function geluWasm(device: WasmDevice, x: Tensor): Tensor {
  const out = device.empty(x.shape);
  device.run(kernels, "gelu", x.size, [device.pointer(x), device.pointer(out)], { grain: elementGrain });
  return out;
}

export function geluBackwardWasm(device: WasmDevice, x: Tensor, dOut: Tensor): Tensor {
  const dx = device.empty(x.shape);
  const args = [x, dOut, dx].map((tensor) => device.pointer(tensor));
  device.run(kernels, "geluBackward", x.size, args, { grain: elementGrain });
  return dx;
}
