import type { DesignName, Key } from "@sus/graph";
import { expectShape, expectType, onDevice, type Tensor } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { checkCapacity } from "../csr/format.ts";
import { SparseError } from "../errors.ts";
import { sampleCapacity } from "./capacity.ts";
import { sampleRowsWasm } from "./wasm.ts";
import { sampleRowsWebGpu } from "./webgpu.ts";

export interface SampleRowsOptions {
  /**
   * How many entries there is room for on a GPU, where they are not counted before memory is taken. Default: what is
   * enough where no row sums to more than 1 (for `bernoulli` but for one matrix in 10^13), about `rows · c`. The processor
   * counts them and takes what is needed.
   */
  readonly capacity?: number;
}

/**
 * An unbiased sparse estimate of a dense matrix of weights: every row is sampled by a design of `@sus/graph`, and the
 * kept entries carry estimates of which `E[out_ij] = dense_ij`, rounded to float32. Row i draws from `fold(key, i)`,
 * by rotation for `bernoulli` and independently for `priority` and `systematic`, so that the kept entries are those of
 * the design with the same draws. Two passes over the matrix, O(rows · columns).
 *
 * On a GPU the number of entries stays there (`Csr.counted`). `bernoulli` and `systematic` keep the same entries as on the
 * processor; priorities are float32 there, so that `priority` may differ where two of them are equal but for rounding.
 * Wrong weights, and a capacity that is too small, are the `SparseError` of the next read.
 *
 * @param dense f32 [rows, columns], finite and at least 0; an entry of 0 is never kept.
 * @param c how much to keep: `bernoulli` and `systematic` keep (i, j) with `q = min(1, c · dense_ij)`, hence at most c
 *   of a row that sums to 1 on average; `priority` keeps exactly c, or all positive entries where there are fewer.
 * @returns a new matrix, the caller's to dispose.
 * @throws SparseError for a weight or a c that is not allowed, ShapeError where the tensor is no float32 matrix.
 */
export function sampleRows(
  dense: Tensor,
  design: DesignName,
  c: number,
  key: Key,
  options: SampleRowsOptions = {},
): Csr {
  expectShape("sampleRows", "dense", dense, ["rows", "columns"]);
  expectType("sampleRows", "dense", dense, "f32");
  expectBudget(design, c);
  const [rows, columns] = dense.shape as [number, number];
  const { capacity = sampleCapacity(design, c, [rows, columns]) } = options;
  checkCapacity("sampleRows", capacity);
  return onDevice(dense.device, {
    wasm: (device) => sampleRowsWasm(device, dense, design, c, key),
    webgpu: (device) => sampleRowsWebGpu(device, dense, design, c, key, Math.min(capacity, rows * columns)),
  });
}

function expectBudget(design: DesignName, c: number): void {
  if (design !== "bernoulli" && design !== "priority" && design !== "systematic") {
    throw new SparseError(
      `sampleRows: expected the design bernoulli, priority or systematic, got ${JSON.stringify(design)}`,
    );
  }
  if (!(c > 0 && c < Infinity)) {
    throw new SparseError(`sampleRows: expected c above 0 and finite, got ${c}`);
  }
  if (design === "priority" && !Number.isInteger(c)) {
    throw new SparseError(`sampleRows: expected a whole number c for priority, got ${c}`);
  }
}
