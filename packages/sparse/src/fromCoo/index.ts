import type { Device } from "@sus/tensor";
import { csr } from "../csr/build.ts";
import type { Csr } from "../csr/csr.ts";
import { checkIndex, checkLength, checkShape } from "../csr/format.ts";
import { type CooArrays, cooToCsr } from "./convert.ts";

/**
 * A CSR matrix from a list of entries in any order. As in SciPy, entries at one place are summed (in float64, in the
 * order they came, and rounded once) and explicit zeros stay. O(nnz log nnz), on the host.
 *
 * @returns a new matrix, the caller's to dispose.
 * @throws ShapeError for a wrong shape or length, SparseError for an index out of range, before anything is allocated.
 */
export function fromCoo(device: Device, coo: CooArrays): Csr {
  checkShape("fromCoo", coo.shape);
  const [rows, columns] = coo.shape;
  checkLength("fromCoo", "col", coo.col, coo.row.length);
  checkLength("fromCoo", "data", coo.data, coo.row.length);
  for (let p = 0; p < coo.row.length; p++) {
    checkIndex("fromCoo", "row", coo.row, p, rows);
    checkIndex("fromCoo", "col", coo.col, p, columns);
  }
  return csr(device, cooToCsr(coo));
}
