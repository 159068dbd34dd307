import type { CsrArrays, Shape } from "../csr/format.ts";

/** A matrix as a list of entries on the host, in any order, in SciPy's names. */
export interface CooArrays {
  readonly shape: Shape;
  readonly row: ArrayLike<number>;
  readonly col: ArrayLike<number>;
  readonly data: ArrayLike<number>;
}

/** Sorts entries that are in range by row and column and sums those at one place, in float64, in the order they came. */
export function cooToCsr({ shape, row, col, data }: CooArrays): CsrArrays {
  const order = Uint32Array.from({ length: row.length }, (_, p) => p);
  order.sort((p, q) => row[p]! - row[q]! || col[p]! - col[q]! || p - q);
  const indptr = new Uint32Array(shape[0] + 1);
  const indices: number[] = [];
  const sums: number[] = [];
  let previous: number | undefined;
  for (const p of order) {
    if (previous !== undefined && row[p] === row[previous] && col[p] === col[previous]) {
      sums[sums.length - 1]! += data[p]!;
    } else {
      indices.push(col[p]!);
      sums.push(data[p]!);
      indptr[row[p]! + 1]!++;
    }
    previous = p;
  }
  for (let i = 0; i < shape[0]; i++) indptr[i + 1]! += indptr[i]!;
  return { shape, indptr, indices, data: sums };
}
