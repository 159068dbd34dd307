import type { CsrArrays } from "../csr/format.ts";

/** The dense matrix, row-major: 0 where nothing is stored. */
export function toDenseReference({ shape: [rows, columns], indptr, indices, data }: CsrArrays): Float64Array {
  const dense = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) dense[i * columns + indices[p]!] = data[p]!;
  }
  return dense;
}
