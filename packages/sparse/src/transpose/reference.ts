import type { CsrArrays } from "../csr/format.ts";

/** The transposed matrix, entry by entry: the rows of each column in ascending order. */
export function transposeReference({ shape: [rows, columns], indptr, indices, data }: CsrArrays): CsrArrays {
  const columnsOf = Array.from({ length: columns }, () => [] as { row: number; value: number }[]);
  for (let row = 0; row < rows; row++) {
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      columnsOf[indices[p]!]!.push({ row, value: data[p]! });
    }
  }
  const starts = [0];
  for (const column of columnsOf) starts.push(starts.at(-1)! + column.length);
  const entries = columnsOf.flat();
  return {
    shape: [columns, rows],
    indptr: starts,
    indices: entries.map(({ row }) => row),
    data: entries.map(({ value }) => value),
  };
}
