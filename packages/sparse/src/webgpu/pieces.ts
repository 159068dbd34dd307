import type { Chunk, Tensor, TensorRange, WebGpuDevice } from "@sus/tensor";

/** Rows in pieces of which the row starts fit into a binding, and as many dense rows of these widths. */
export function rowPieces(
  device: WebGpuDevice,
  operation: string,
  rows: number,
  widths: readonly number[],
): readonly Chunk[] {
  // One start more than rows has to fit; ranges of starts begin where a width of one may begin.
  return device.chunks(operation, rows, [...widths, 1, 2]);
}

/** The row starts of a piece, and where its last row ends. */
export function startsOf(indptr: Tensor, { first, count }: Chunk): TensorRange {
  return { tensor: indptr, first, count: count + 1 };
}

/** A range of `indptr` that holds the number of entries, and at which place. */
export function endOf(indptr: Tensor): { readonly ends: TensorRange; readonly end: number } {
  // Ranges start at multiples of 64 elements.
  const end = (indptr.size - 1) % 64;
  return { ends: { tensor: indptr, first: indptr.size - 1 - end, count: end + 1 }, end };
}
