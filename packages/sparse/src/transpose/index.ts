import { onDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { Transposition } from "./transposition.ts";
import { sortWasm } from "./wasm.ts";
import { sortWebGpu } from "./webgpu.ts";

/**
 * The transposed pattern of a matrix and where each of its entries came from, to be applied to any data on that
 * pattern: `dK` and `dV` share one. A counting sort, O(nnz + rows + columns), on a GPU by
 * radix, O(nnz log columns); rows ascend within every column.
 *
 * @returns a new transposition, the caller's to dispose; it does not need `pattern` any more.
 */
export function transposition(pattern: Csr): Transposition {
  const [rows, columns] = pattern.shape;
  const sorted = onDevice(pattern.device, {
    wasm: (device) => sortWasm(device, pattern),
    webgpu: (device) => sortWebGpu(device, pattern),
  });
  return new Transposition([columns, rows], sorted, pattern);
}

/**
 * The transposed matrix, [columns, rows]. Where several matrices share a pattern, `transposition` sorts it once.
 *
 * @returns a new matrix, the caller's to dispose.
 */
export function transpose(csr: Csr): Csr {
  using sorted = transposition(csr);
  return sorted.apply(csr);
}
