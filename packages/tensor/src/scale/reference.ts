import { float64, type Round } from "../precision.ts";

/** `out[i] = factor · x[i]`. */
export function scaleReference(x: ArrayLike<number>, factor: number, round: Round = float64): Float64Array {
  return Float64Array.from({ length: x.length }, (_, i) => round(round(factor) * x[i]!));
}
