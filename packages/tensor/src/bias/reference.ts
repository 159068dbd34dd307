import { float64, type Round } from "../precision.ts";

/** `out[t, j] = x[t, j] + bias[j]`. */
export function addBiasReference(
  x: ArrayLike<number>,
  bias: ArrayLike<number>,
  round: Round = float64,
): Float64Array {
  return Float64Array.from({ length: x.length }, (_, i) => round(x[i]! + bias[i % bias.length]!));
}

/** `out[j] = Σ_t x[t, j]` for x [rows, width]. */
export function sumRowsReference(x: ArrayLike<number>, width: number, round: Round = float64): Float64Array {
  const out = new Float64Array(width);
  for (let i = 0; i < x.length; i++) out[i % width] = round(out[i % width]! + x[i]!);
  return out;
}
