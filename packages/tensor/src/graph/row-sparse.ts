import { gatherRows, scatterRows } from "../rows/index.ts";
import { type Storage, Tensor } from "../tensor.ts";
import { collect } from "./collect.ts";

/** The rows of a matrix that may be other than zero. */
export interface KeptRows {
  /** [count, width]. */
  readonly rows: Tensor;
  /** [count], u32, ascending: which rows they are, counted through all axes but the last. */
  readonly indices: Tensor;
}

/**
 * A matrix of which most rows are zero and are not held: what a cut of rows makes of a cotangent.
 *
 * Pullbacks that know it (`throughRows`) compute with the kept rows alone. To everything else it is an ordinary tensor:
 * when its memory is asked for, by an operation or by `read`, the zeros are written out, and from then on it is one.
 */
export class RowSparse extends Tensor {
  #kept: KeptRows | undefined;
  #whole: Tensor | undefined;

  /** Borrows the rows and indices and takes a share of their memory. The shape is [..., width], of the whole matrix. */
  constructor({ rows, indices }: KeptRows, shape: readonly number[]) {
    super(rows.device, nothing, shape, "f32");
    this.#kept = { rows: unscoped(rows), indices: unscoped(indices) };
    rows.device.register(this);
  }

  /** The kept rows, borrowed; `undefined` once the zeros are written out. */
  get kept(): KeptRows | undefined {
    return this.#kept;
  }

  override get storage(): Storage {
    if (this.disposed) return super.storage;
    if (this.#kept !== undefined) {
      using whole = scatterRows(this.#kept.rows, this.#kept.indices, this.shape);
      this.#whole = unscoped(whole);
      this.#release();
    }
    return this.#whole!.storage;
  }

  override reshape(shape: readonly number[]): Tensor {
    const sameRows = shape.at(-1) === this.shape.at(-1);
    return this.#kept !== undefined && sameRows ? new RowSparse(this.#kept, shape) : super.reshape(shape);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#release();
    this.#whole?.[Symbol.dispose]();
  }

  #release(): void {
    this.#kept?.rows[Symbol.dispose]();
    this.#kept?.indices[Symbol.dispose]();
    this.#kept = undefined;
  }
}

/** The rows that a cotangent holds; `undefined` where it holds all. */
export function keptRows(cotangent: Tensor): KeptRows | undefined {
  return cotangent instanceof RowSparse ? cotangent.kept : undefined;
}

/**
 * Runs a pullback that treats the rows of the cotangent one by one, on the rows that it holds: what the cut saves.
 *
 * @param saved what the pullback needs of the forward pass, row by row like the cotangent: [..., any width].
 * @param pullback gets the rows of the cotangent and the same rows of `saved`. Its results have a row for each of them,
 *   but the last `sums`, in which all rows are added up.
 * @returns the results, those with rows as `RowSparse` where the cotangent is; the caller's to dispose.
 */
export function throughRows(
  cotangent: Tensor,
  saved: readonly Tensor[],
  sums: number,
  pullback: (cotangent: Tensor, ...saved: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const kept = keptRows(cotangent);
  if (kept === undefined) return pullback(cotangent, ...saved);
  const gathered = collect(...saved.map((x) => () => gatherRows(x, kept.indices)));
  try {
    const results = pullback(kept.rows, ...gathered);
    return results.map((result, i) => {
      if (i >= results.length - sums) return result;
      using rows = result;
      const shape = [...cotangent.shape.slice(0, -1), rows.shape.at(-1)!];
      return new RowSparse({ rows, indices: kept.indices }, shape);
    });
  } finally {
    for (const tensor of gathered) tensor[Symbol.dispose]();
  }
}

/** A handle that no scope owns, on the same memory. */
function unscoped(tensor: Tensor): Tensor {
  const { device, storage, shape, dtype } = tensor;
  storage.retain();
  return new Tensor(device, storage, shape, dtype);
}

/** Stands in for memory that is not there yet. */
const nothing: Storage = {
  bytes: 0,
  read: () => Promise.reject(new Error("RowSparse: has no memory of its own")),
  retain() {},
  release() {},
};
