import type { CsrArrays } from "../csr/format.ts";

/** `out[p] = times[p] · (a_i · b_j − minus_i)` at the entries p = (i, j) of a pattern, in float64. */
export function sddmmReference(
  { shape: [rows], indptr, indices }: Omit<CsrArrays, "data">,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  k: number,
  { times, minus }: { times?: ArrayLike<number>; minus?: ArrayLike<number> } = {},
): Float64Array {
  const out = new Float64Array(indices.length);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      const j = indices[p]!;
      let dot = 0;
      for (let t = 0; t < k; t++) dot += a[i * k + t]! * b[j * k + t]!;
      out[p] = (times ? times[p]! : 1) * (dot - (minus ? minus[i]! : 0));
    }
  }
  return out;
}
