import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { kernels } from "../wasm/kernels.ts";

export function addWasm(device: WasmDevice, a: Tensor, b: Tensor): Tensor {
  const out = device.empty(a.shape);
  device.run(kernels, "add", a.size, [device.pointer(a), device.pointer(b), device.pointer(out)], {
    grain: 4,
  });
  return out;
}
