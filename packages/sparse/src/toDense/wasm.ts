import type { Tensor, WasmDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { grainFor } from "../wasm/grain.ts";
import { kernels } from "../wasm/kernels.ts";
import { pointers } from "../wasm/pointers.ts";

export function toDenseWasm(device: WasmDevice, { shape, indptr, indices, data }: Csr): Tensor {
  const inputs = pointers(device, indptr, indices, data);
  const out = device.empty(shape);
  device.run(kernels, "scatterRows", shape[0], [...inputs, device.pointer(out), shape[1]], {
    grain: grainFor(shape[1]),
  });
  return out;
}
