import { float64, type Round } from "../precision.ts";

type Numbers = ArrayLike<number>;

/** `out[t] = table[tokens[t]]` for table [vocabulary, width]. */
export function embeddingReference(table: Numbers, tokens: Numbers, width: number): Float64Array {
  return Float64Array.from({ length: tokens.length * width }, (_, i) => {
    const token = tokens[Math.floor(i / width)]!;
    return table[token * width + (i % width)]!;
  });
}

/** `dTable[v] = Σ over the t with tokens[t] = v of dOut[t]`. */
export function embeddingBackwardReference(
  tokens: Numbers,
  dOut: Numbers,
  vocabulary: number,
  width: number,
  round: Round = float64,
): Float64Array {
  const dTable = new Float64Array(vocabulary * width);
  for (let t = 0; t < tokens.length; t++) {
    for (let j = 0; j < width; j++) {
      const at = tokens[t]! * width + j;
      dTable[at] = round(dTable[at]! + dOut[t * width + j]!);
    }
  }
  return dTable;
}
