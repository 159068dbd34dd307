import { commonDevice, type Device, onDevice, type Scope, ShapeError, type Tensor } from "@sus/tensor";
import { Csr, type CsrOptions } from "../csr/csr.ts";
import type { Shape } from "../csr/format.ts";
import { gatherWasm } from "./wasm.ts";
import { gatherWebGpu } from "./webgpu.ts";

/** What sorting a pattern by column yields. */
export interface SortedPattern {
  /** u32 [columns + 1]: the transposed row starts. */
  readonly indptr: Tensor;
  /** u32 [capacity]: the row of each entry, ascending within a column. */
  readonly indices: Tensor;
  /** u32 [capacity]: where in the original each entry of the transposed matrix stands. */
  readonly permutation: Tensor;
}

/** A transposed pattern that any data on the original pattern can be moved to. It owns its tensors. */
export class Transposition implements SortedPattern, Disposable {
  readonly device: Device;
  /** The shape of the transposed matrix, [columns, rows] of the original. */
  readonly shape: Shape;
  readonly indptr: Tensor;
  readonly indices: Tensor;
  readonly permutation: Tensor;
  /** Whether the host knows the number of entries, as of the original. */
  readonly counted: boolean;

  /** For `transposition`, which users call: takes ownership of the tensors. */
  constructor(shape: Shape, { indptr, indices, permutation }: SortedPattern, { counted }: CsrOptions = {}) {
    this.device = indptr.device;
    this.shape = [shape[0], shape[1]];
    this.indptr = indptr;
    this.indices = indices;
    this.permutation = permutation;
    this.counted = counted ?? true;
  }

  /**
   * The transpose of a matrix on the original pattern: a gather, O(nnz). That the pattern is the same is the caller's
   * word; only the shape and the capacity are checked.
   *
   * @returns a new matrix that shares this pattern's memory, the caller's to dispose.
   * @throws ShapeError where shape or capacity differ, DeviceError where the devices do.
   */
  apply(csr: Csr): Csr {
    const [columns, rows] = this.shape;
    const capacity = this.permutation.size;
    if (csr.shape[0] !== rows || csr.shape[1] !== columns || csr.capacity !== capacity) {
      throw new ShapeError(
        `transpose: expected a matrix of shape [${rows}, ${columns}] with ${capacity} entries, ` +
          `got [${csr.shape.join(", ")}] with ${csr.capacity}`,
      );
    }
    const device = commonDevice("transpose", this.permutation, csr.data);
    const data = onDevice(device, {
      wasm: (wasm) => gatherWasm(wasm, csr.data, this.permutation),
      webgpu: (gpu) => gatherWebGpu(gpu, csr.data, this),
    });
    const { shape, counted } = this;
    return new Csr(shape, { indptr: this.indptr.share(), indices: this.indices.share(), data }, { counted });
  }

  /** Takes the tensors out of the scope that would dispose them. */
  outlive(scope: Scope): this {
    for (const tensor of [this.indptr, this.indices, this.permutation]) scope.keep(tensor);
    return this;
  }

  /** Gives up this handle's share of the memory; matrices made from it stay. */
  [Symbol.dispose](): void {
    this.indptr[Symbol.dispose]();
    this.indices[Symbol.dispose]();
    this.permutation[Symbol.dispose]();
  }
}
