import type { Tensor, WasmDevice } from "@sus/tensor";
import { limit } from "../csr/format.ts";
import { SparseError } from "../errors.ts";

/**
 * Turns counts a row, which stand in the first `rows` places of `indptr` [rows + 1], into row starts, in place.
 *
 * @returns the number of entries.
 * @throws SparseError where they are too many for a 32-bit count.
 */
export function countsToIndptr(operation: string, device: WasmDevice, indptr: Tensor): number {
  const starts = device.view(indptr);
  let nnz = 0;
  for (let row = 0; row < starts.length; row++) {
    const count = starts[row]!;
    starts[row] = nnz;
    if (row < starts.length - 1) nnz += count;
    if (nnz > limit) throw new SparseError(`${operation}: expected fewer than 2^31 entries, got more`);
  }
  return nnz;
}
