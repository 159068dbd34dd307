/** Positions that one coarse angle covers, as in the kernels. */
export const finePositions = 64;

/** Cosine and sine of `position(row) · frequency`, row by row, for the d/2 frequencies `base^{−2i/d}`. */
export function turnsOf(
  { base, d }: { readonly base: number; readonly d: number },
  rows: number,
  position: (row: number) => number,
): Float64Array<ArrayBuffer> {
  const frequencies = Float64Array.from({ length: d / 2 }, (_, i) => base ** ((-2 * i) / d));
  const table = new Float64Array(rows * d);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const frequency of frequencies) {
      table[at++] = Math.cos(position(row) * frequency);
      table[at++] = Math.sin(position(row) * frequency);
    }
  }
  return table;
}
