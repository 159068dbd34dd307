import { allOrNothing, type Device } from "@sus/tensor";
import { Csr } from "./csr.ts";
import { type CsrArrays, checkCsr } from "./format.ts";

/**
 * A CSR matrix on a device from host arrays, which are checked first and copied: `indptr` [rows + 1] from 0 to nnz
 * without a fall, `indices` [nnz] in range and strictly ascending within a row, `data` [nnz] of any float32 values,
 * explicit zeros and non-finite ones included. O(rows + nnz).
 *
 * @returns a new matrix, the caller's to dispose.
 * @throws ShapeError for a wrong shape or length, SparseError for a malformed pattern, before anything is allocated.
 */
export function csr(device: Device, arrays: CsrArrays): Csr {
  checkCsr("csr", arrays);
  const { shape, indptr, indices, data } = arrays;
  return allOrNothing(
    (own) =>
      new Csr(shape, {
        indptr: own(device.tensor(Uint32Array.from(indptr), [indptr.length])),
        indices: own(device.tensor(Uint32Array.from(indices), [indices.length])),
        data: own(device.tensor(Float32Array.from(data), [data.length])),
      }),
  );
}
