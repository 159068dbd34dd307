import type { Tensor, WasmDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { grainFor } from "../wasm/grain.ts";
import { kernels } from "../wasm/kernels.ts";
import { pointers } from "../wasm/pointers.ts";

export function sddmmWasm(
  device: WasmDevice,
  { indptr, indices, shape, nnz }: Csr,
  a: Tensor,
  b: Tensor,
  times: Tensor | undefined,
  minus: Tensor | undefined,
): Tensor {
  const optional = [times, minus].map((tensor) => (tensor ? device.pointer(tensor) : 0));
  const out = device.empty([nnz]);
  const inputs = pointers(device, indptr, indices, a, b);
  const k = a.shape[1]!;
  const args = [...inputs, ...optional, device.pointer(out), shape[0], k];
  device.run(kernels, "sddmm", nnz, args, { grain: grainFor(k) });
  return out;
}
