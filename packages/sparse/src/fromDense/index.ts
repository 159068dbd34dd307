import { expectShape, expectType, onDevice, type Tensor } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { fromDenseWasm } from "./wasm.ts";

/**
 * The sparse form of a dense matrix: its entries that are not 0 (NaN is not, −0 is). O(rows · columns).
 *
 * @param dense f32 [rows, columns].
 * @returns a new matrix, the caller's to dispose.
 * @throws ShapeError where the tensor is no float32 matrix.
 */
export function fromDense(dense: Tensor): Csr {
  expectShape("fromDense", "dense", dense, ["rows", "columns"]);
  expectType("fromDense", "dense", dense, "f32");
  return onDevice(dense.device, { wasm: (device) => fromDenseWasm(device, dense) });
}
