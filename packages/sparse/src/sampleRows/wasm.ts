import type { DesignName, Key } from "@sus/graph";
import { allOrNothing, type RunOptions, type Tensor, type WasmDevice } from "@sus/tensor";
import { Csr } from "../csr/csr.ts";
import { SparseError } from "../errors.ts";
import { countsToIndptr } from "../wasm/counts.ts";
import { grainFor } from "../wasm/grain.ts";
import { kernels } from "../wasm/kernels.ts";
import { pointers } from "../wasm/pointers.ts";

/** What a kernel counts in a row that holds a weight it cannot sample. */
const badRow = 0xffffffff;

/** Two passes over the rows: count what is kept, then write it where the counts say. */
export function sampleRowsWasm(
  device: WasmDevice,
  dense: Tensor,
  design: DesignName,
  c: number,
  { k0, k1 }: Key,
): Csr {
  const [rows, columns] = dense.shape as [number, number];
  const budget = design === "priority" ? Math.min(c, columns) : c;
  const parameters = [columns, budget, k0, k1];
  const options: RunOptions = {
    grain: grainFor(columns),
    scratchBytes: design === "priority" ? (budget + 1) * Float64Array.BYTES_PER_ELEMENT : 0,
  };
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    const counts = [...pointers(device, dense, indptr), ...parameters];
    device.run(kernels, `${design}Count`, rows, counts, options);
    expectWeights(device, dense, indptr);
    const nnz = countsToIndptr("sampleRows", device, indptr);
    const indices = own(device.empty([nnz], "u32"));
    const data = own(device.empty([nnz]));
    const entries = [...pointers(device, dense, indptr, indices, data), ...parameters];
    device.run(kernels, `${design}Fill`, rows, entries, options);
    return new Csr([rows, columns], { indptr, indices, data });
  });
}

/** Throws `SparseError` with the first place whose weight is not finite and at least 0. */
function expectWeights(device: WasmDevice, dense: Tensor, counts: Tensor): void {
  const [rows, columns] = dense.shape as [number, number];
  const row = device.view(counts).subarray(0, rows).indexOf(badRow);
  if (row < 0) return;
  const weights = device.view(dense).subarray(row * columns, (row + 1) * columns);
  const column = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  throw new SparseError(
    `sampleRows: expected finite weights of at least 0, got ${weights[column]} at [${row}, ${column}]`,
  );
}
