import type { CsrArrays } from "../csr/format.ts";

/** `out_i = scale · Σ_j csr_ij · b_j`, [rows, k], in float64. */
export function spmmReference(
  { shape: [rows], indptr, indices, data }: CsrArrays,
  b: ArrayLike<number>,
  k: number,
  scale = 1,
): Float64Array {
  const out = new Float64Array(rows * k);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      for (let t = 0; t < k; t++) out[i * k + t]! += scale * data[p]! * b[indices[p]! * k + t]!;
    }
  }
  return out;
}
