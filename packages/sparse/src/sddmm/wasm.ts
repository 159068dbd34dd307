import type { Tensor, WasmDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
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
  const args = [...inputs, ...optional, device.pointer(out), shape[0], a.shape[1]!];
  device.run(kernels, "sddmm", nnz, args, { grain: 16 });
  return out;
}
