import type { CsrArrays, Shape } from "../csr/format.ts";

/** The entries that are not 0, row by row. */
export function fromDenseReference(dense: ArrayLike<number>, [rows, columns]: Shape): CsrArrays {
  const indptr = [0];
  const indices: number[] = [];
  const data: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = dense[i * columns + j]!;
      if (value === 0) continue;
      indices.push(j);
      data.push(value);
    }
    indptr.push(indices.length);
  }
  return { shape: [rows, columns], indptr, indices, data };
}
