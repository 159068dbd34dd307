import { commonDevice, expectShape, expectType, onDevice, type Tensor } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { spmmWasm } from "./wasm.ts";
import { spmmWebGpu } from "./webgpu.ts";

export interface SpmmOptions {
  /** A factor for the whole product. Default 1. */
  readonly scale?: number;
}

/**
 * The product of a sparse and a dense matrix, `out_i = scale · Σ_j csr_ij · b_j`. O(nnz · k), shared out by entries and
 * not by rows: a row of many entries (a hot column, once transposed) is no one thread's work, and the order of every
 * sum is fixed, so the same inputs give the same bits. Values meet only the stored entries: a NaN in a row of `b` that
 * no entry names does not show.
 *
 * @param csr [rows, columns].
 * @param b f32 [columns, k].
 * @returns f32 [rows, k], the caller's to dispose.
 * @throws ShapeError where shapes or types do not fit, DeviceError where the devices differ.
 */
export function spmm(csr: Csr, b: Tensor, { scale = 1 }: SpmmOptions = {}): Tensor {
  expectShape("spmm", "b", b, [csr.shape[1], "k"]);
  expectType("spmm", "b", b, "f32");
  return onDevice(commonDevice("spmm", csr.data, b), {
    wasm: (device) => spmmWasm(device, csr, b, scale),
    webgpu: (device) => spmmWebGpu(device, csr, b, scale),
  });
}
