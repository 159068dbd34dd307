import type { ResolvedConfig } from "@sus/attention";

/** Cosines and sines of every position's angles, [n, headWidth / 2], as `rotary` of @sus/tensor turns by. */
export interface RotaryTables {
  readonly cosines: Float32Array<ArrayBuffer>;
  readonly sines: Float32Array<ArrayBuffer>;
}

const base = 10_000;

export function rotaryTables({ context: n, headWidth }: ResolvedConfig): RotaryTables {
  const half = headWidth / 2;
  const angle = (i: number) => Math.floor(i / half) * base ** (-(i % half) / half);
  return {
    cosines: Float32Array.from({ length: n * half }, (_, i) => Math.cos(angle(i))),
    sines: Float32Array.from({ length: n * half }, (_, i) => Math.sin(angle(i))),
  };
}

/** [tokens, vocabulary] with a one in each row, at its token. */
export function oneHot(tokens: Uint32Array, vocabulary: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(tokens.length * vocabulary);
  for (const [row, token] of tokens.entries()) rows[row * vocabulary + token] = 1;
  return rows;
}
