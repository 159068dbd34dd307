import { commonDevice, type Device, expectShape, expectType, type Scope, type Tensor } from "@sus/tensor";
import { type CsrArrays, checkShape, type Shape } from "./format.ts";

/** The three tensors of a CSR matrix, all on one device. */
export interface CsrTensors {
  /** u32 [rows + 1]: row i holds the entries [indptr[i], indptr[i + 1]). */
  readonly indptr: Tensor;
  /** u32 [nnz]: the column of each entry, ascending within a row. */
  readonly indices: Tensor;
  /** f32 [nnz]: the value of each entry. */
  readonly data: Tensor;
}

/**
 * A sparse matrix in compressed sparse row form on a device, in SciPy's names. It owns its tensors and must be
 * disposed once: by `using`, by a `Scope` (each tensor on its own), or by hand.
 */
export class Csr implements CsrTensors, Disposable {
  readonly device: Device;
  /** [rows, columns]. */
  readonly shape: Shape;
  readonly indptr: Tensor;
  readonly indices: Tensor;
  readonly data: Tensor;

  /**
   * Takes ownership of tensors that a kernel has filled. It checks what the host knows (types, lengths, devices) and
   * trusts the numbers, which must be as `csr` demands: operations read outside their arrays otherwise. Numbers that
   * come from elsewhere go through `csr`. O(1).
   *
   * @throws ShapeError, DeviceError; the tensors are then still the caller's.
   */
  constructor(shape: Shape, { indptr, indices, data }: CsrTensors) {
    checkShape("Csr", shape);
    expectType("Csr", "indptr", indptr, "u32");
    expectType("Csr", "indices", indices, "u32");
    expectType("Csr", "data", data, "f32");
    expectShape("Csr", "indptr", indptr, [shape[0] + 1]);
    expectShape("Csr", "indices", indices, ["nnz"]);
    expectShape("Csr", "data", data, indices.shape);
    this.device = commonDevice("Csr", indptr, indices, data);
    this.shape = [shape[0], shape[1]];
    this.indptr = indptr;
    this.indices = indices;
    this.data = data;
  }

  /** The number of stored entries, explicit zeros included. */
  get nnz(): number {
    return this.indices.size;
  }

  get disposed(): boolean {
    return this.data.disposed;
  }

  /** A matrix with this pattern and other values: shares `indptr` and `indices`, takes ownership of `data` [nnz]. */
  withData(data: Tensor): Csr {
    expectType("withData", "data", data, "f32");
    expectShape("withData", "data", data, [this.nnz]);
    commonDevice("withData", this.indices, data);
    return new Csr(this.shape, { indptr: this.indptr.share(), indices: this.indices.share(), data });
  }

  /** A second handle on the same memory, to be disposed on its own. */
  share(): Csr {
    return this.withData(this.data.share());
  }

  /** Takes the tensors out of the scope that would dispose them: the matrix is then the caller's to dispose. */
  outlive(scope: Scope): this {
    for (const tensor of [this.indptr, this.indices, this.data]) scope.keep(tensor);
    return this;
  }

  /** The matrix copied to the host, in the form that `csr` takes. */
  async read(): Promise<CsrArrays> {
    const { shape } = this;
    const [indptr, indices, data] = await Promise.all([
      this.indptr.read(),
      this.indices.read(),
      this.data.read(),
    ]);
    return { shape, indptr, indices, data };
  }

  /** Gives up this handle's share of the memory. A second call does nothing. */
  [Symbol.dispose](): void {
    this.indptr[Symbol.dispose]();
    this.indices[Symbol.dispose]();
    this.data[Symbol.dispose]();
  }
}
