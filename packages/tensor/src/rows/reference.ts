import { float64, type Round } from "../precision.ts";

/** `out[t] = √Σ_j x[t, j]²` for x [rows, width]. */
export function rowNormsReference(x: ArrayLike<number>, width: number, round: Round = float64): Float64Array {
  return Float64Array.from({ length: x.length / width }, (_, t) => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum = round(sum + round(x[t * width + j]! ** 2));
    return round(Math.sqrt(sum));
  });
}

/** `out[r, j] = factors[r] · x[indices[r], j]`. */
export function gatherRowsReference(
  x: ArrayLike<number>,
  width: number,
  indices: ArrayLike<number>,
  factors: ArrayLike<number>,
  round: Round = float64,
): Float64Array {
  return Float64Array.from({ length: indices.length * width }, (_, i) => {
    const r = Math.floor(i / width);
    return round(factors[r]! * x[indices[r]! * width + (i % width)]!);
  });
}

/** `out[indices[r], j] = x[r, j]`, zero elsewhere, for out [height, width]. */
export function scatterRowsReference(
  x: ArrayLike<number>,
  width: number,
  indices: ArrayLike<number>,
  height: number,
): Float64Array {
  const out = new Float64Array(height * width);
  for (let r = 0; r < indices.length; r++) {
    for (let j = 0; j < width; j++) out[indices[r]! * width + j] = x[r * width + j]!;
  }
  return out;
}
