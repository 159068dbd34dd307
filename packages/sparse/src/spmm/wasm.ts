import type { Tensor, WasmDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { grainFor } from "../wasm/grain.ts";
import { kernels } from "../wasm/kernels.ts";
import { pointers } from "../wasm/pointers.ts";

/** Entries that are summed in one go. Part of the result: it fixes the order of the sums, so it follows nothing. */
const chunk = 512;

export function spmmWasm(device: WasmDevice, csr: Csr, b: Tensor, scale: number): Tensor {
  const [rows] = csr.shape;
  const { nnz } = csr;
  const k = b.shape[1]!;
  const chunks = Math.ceil(nnz / chunk);
  using partials = device.empty([chunks, 2, k]);
  const out = device.empty([rows, k]);
  const inputs = pointers(device, csr.indptr, csr.indices, csr.data, b);
  const [target, partial] = pointers(device, out, partials);
  device.run(kernels, "spmmChunks", chunks, [
    ...[...inputs, target, partial],
    ...[rows, nnz, k, chunk, scale],
  ]);
  device.run(kernels, "spmmRows", rows, [inputs[0], partial, target, k, chunk, scale], {
    grain: grainFor(k),
  });
  return out;
}
