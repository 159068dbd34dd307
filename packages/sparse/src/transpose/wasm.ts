import { allOrNothing, type Tensor, type WasmDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { grainFor } from "../wasm/grain.ts";
import { kernels } from "../wasm/kernels.ts";
import { pointers } from "../wasm/pointers.ts";
import type { SortedPattern } from "./transposition.ts";

/** The pattern sorted by column, rows ascending: one block of entries a thread, each with its own histogram. */
export function sortWasm(
  device: WasmDevice,
  { shape: [rows, columns], indptr, indices, nnz }: Csr,
): SortedPattern {
  return allOrNothing((own) => {
    const blocks = device.threads;
    using histograms = device.empty([blocks, columns], "u32");
    const sorted = {
      indptr: own(device.empty([columns + 1], "u32")),
      indices: own(device.empty([nnz], "u32")),
      permutation: own(device.empty([nnz], "u32")),
    };
    const [starts, columnOf, histogram] = pointers(device, indptr, indices, histograms);
    const outputs = pointers(device, sorted.indices, sorted.permutation);
    device.run(kernels, "transposeCount", blocks, [columnOf, histogram, columns, nnz, blocks]);
    device.run(kernels, "transposeOffsets", 1, [histogram, device.pointer(sorted.indptr), columns, blocks]);
    device.run(kernels, "transposeScatter", blocks, [
      ...[starts, columnOf, histogram, ...outputs],
      ...[rows, columns, nnz, blocks],
    ]);
    return sorted;
  });
}

/** out[q] = data[permutation[q]]. */
export function gatherWasm(device: WasmDevice, data: Tensor, permutation: Tensor): Tensor {
  const out = device.empty(permutation.shape);
  device.run(kernels, "gather", permutation.size, pointers(device, data, permutation, out), {
    grain: grainFor(1),
  });
  return out;
}
