import { commonDevice, type Device, expectShape, expectType, type Scope, type Tensor } from "@sus/tensor";
import { SparseError } from "../errors.ts";
import { type CsrArrays, checkShape, type Shape } from "./format.ts";

/** The three tensors of a CSR matrix, all on one device. */
export interface CsrTensors {
  /** u32 [rows + 1]: row i holds the entries [indptr[i], indptr[i + 1]). */
  readonly indptr: Tensor;
  /** u32 [capacity]: the column of each entry, ascending within a row. */
  readonly indices: Tensor;
  /** f32 [capacity]: the value of each entry. */
  readonly data: Tensor;
}

export interface CsrOptions {
  /**
   * `false` where only the device knows how many entries there are, which is then what `indptr` ends with: there are
   * `capacity` slots, and those behind the last entry hold nothing. Default: every slot holds an entry.
   */
  readonly counted?: boolean;
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
  /** Whether the host knows the number of entries. It does not where a GPU has chosen them. */
  readonly counted: boolean;

  /**
   * Takes ownership of tensors that a kernel has filled. It checks what the host knows (types, lengths, devices) and
   * trusts the numbers, which must be as `csr` demands: operations read outside their arrays otherwise. Numbers that
   * come from elsewhere go through `csr`. O(1).
   *
   * @throws ShapeError, DeviceError; the tensors are then still the caller's.
   */
  constructor(shape: Shape, { indptr, indices, data }: CsrTensors, { counted = true }: CsrOptions = {}) {
    checkShape("Csr", shape);
    expectType("Csr", "indptr", indptr, "u32");
    expectType("Csr", "indices", indices, "u32");
    expectType("Csr", "data", data, "f32");
    expectShape("Csr", "indptr", indptr, [shape[0] + 1]);
    expectShape("Csr", "indices", indices, ["capacity"]);
    expectShape("Csr", "data", data, indices.shape);
    this.device = commonDevice("Csr", indptr, indices, data);
    this.shape = [shape[0], shape[1]];
    this.indptr = indptr;
    this.indices = indices;
    this.data = data;
    this.counted = counted;
  }

  /** How many entries there is room for: their number where that is known, else an upper bound. */
  get capacity(): number {
    return this.indices.size;
  }

  /**
   * The number of stored entries, explicit zeros included.
   *
   * @throws SparseError where the host does not know it (`counted`): `capacity` bounds it, and `count` tells.
   */
  get nnz(): number {
    if (!this.counted) {
      throw new SparseError(
        `nnz: expected a matrix of counted entries, got one of up to ${this.capacity} that a GPU has chosen`,
      );
    }
    return this.capacity;
  }

  /** The number of stored entries, read from the device where the host does not know it. */
  async count(): Promise<number> {
    return this.counted ? this.capacity : (await this.indptr.read())[this.shape[0]]!;
  }

  get disposed(): boolean {
    return this.data.disposed;
  }

  /** A matrix with this pattern and other values: shares `indptr` and `indices`, takes ownership of `data` [capacity]. */
  withData(data: Tensor): Csr {
    expectType("withData", "data", data, "f32");
    expectShape("withData", "data", data, [this.capacity]);
    commonDevice("withData", this.indices, data);
    const { shape, counted } = this;
    return new Csr(shape, { indptr: this.indptr.share(), indices: this.indices.share(), data }, { counted });
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
    const nnz = indptr[shape[0]]!;
    return { shape, indptr, indices: indices.subarray(0, nnz), data: data.subarray(0, nnz) };
  }

  /** Gives up this handle's share of the memory. A second call does nothing. */
  [Symbol.dispose](): void {
    this.indptr[Symbol.dispose]();
    this.indices[Symbol.dispose]();
    this.data[Symbol.dispose]();
  }
}
