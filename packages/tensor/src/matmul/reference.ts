import { float64, type Round } from "../precision.ts";

export interface MatmulLayout {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** `out[i, j] = Σ_p op(a)[i, p] · op(b)[p, j]` for op(a) [m, k] and op(b) [k, n]. */
export function matmulReference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [m, n, k]: readonly [number, number, number],
  { transposeA = false, transposeB = false }: MatmulLayout = {},
  round: Round = float64,
): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        const x = a[transposeA ? p * m + i : i * k + p]!;
        const y = b[transposeB ? j * k + p : p * n + j]!;
        sum = round(sum + round(x * y));
      }
      out[i * n + j] = sum;
    }
  }
  return out;
}
