import { expectShape, expectType, onDevice, type Tensor } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { checkCapacity } from "../csr/format.ts";
import { fromDenseWasm } from "./wasm.ts";
import { fromDenseWebGpu } from "./webgpu.ts";

export interface FromDenseOptions {
  /**
   * How many entries there is room for on a GPU, where they are not counted before memory is taken. Default: all. The
   * processor counts them and takes what is needed.
   */
  readonly capacity?: number;
}

/**
 * The sparse form of a dense matrix: its entries that are not 0 (NaN is not, −0 is). O(rows · columns).
 *
 * On a GPU the number of entries stays there (`Csr.counted`); should the capacity be too small, the next read rejects
 * with a `SparseError`.
 *
 * @param dense f32 [rows, columns].
 * @returns a new matrix, the caller's to dispose.
 * @throws ShapeError where the tensor is no float32 matrix.
 */
export function fromDense(dense: Tensor, { capacity = dense.size }: FromDenseOptions = {}): Csr {
  expectShape("fromDense", "dense", dense, ["rows", "columns"]);
  expectType("fromDense", "dense", dense, "f32");
  checkCapacity("fromDense", capacity);
  return onDevice(dense.device, {
    wasm: (device) => fromDenseWasm(device, dense),
    webgpu: (device) => fromDenseWebGpu(device, dense, Math.min(capacity, dense.size)),
  });
}
