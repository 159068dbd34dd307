import { float64, type Round } from "../precision.ts";

export interface RotaryReferenceOptions {
  readonly base?: number;
  readonly inverse?: boolean;
  readonly offset?: number;
}

/** Rotates the pairs `(x_i, x_{i + d/2})` at position p by the angle `(offset + p) · base^{−2i/d}`. */
export function rotaryReference(
  x: ArrayLike<number>,
  [, n, heads, d]: readonly [number, number, number, number],
  { base = 10_000, inverse = false, offset = 0 }: RotaryReferenceOptions = {},
  round: Round = float64,
): Float64Array {
  const out = new Float64Array(x.length);
  for (let row = 0; row < x.length / d; row++) {
    const position = offset + (Math.floor(row / heads) % n);
    for (let i = 0; i < d / 2; i++) {
      const angle = (inverse ? -1 : 1) * position * base ** ((-2 * i) / d);
      const [cosine, sine] = [round(Math.cos(angle)), round(Math.sin(angle))];
      const [low, high] = [row * d + i, row * d + i + d / 2];
      out[low] = round(round(x[low]! * cosine) - round(x[high]! * sine));
      out[high] = round(round(x[low]! * sine) + round(x[high]! * cosine));
    }
  }
  return out;
}
