import { float64, type Round } from "../precision.ts";

const linear = 2 * Math.sqrt(2 / Math.PI);
const cubic = 0.044715 * linear;

function gate(x: number, round: Round): number {
  const argument = round(x * round(linear + round(cubic * round(x * x))));
  return round(1 / round(1 + round(Math.exp(-argument))));
}

/** `out = x · σ(2u)` with `u = √(2/π) · (x + 0.044715 x³)`, which is `½ x (1 + tanh u)`. */
export function geluReference(x: ArrayLike<number>, round: Round = float64): Float64Array {
  return Float64Array.from({ length: x.length }, (_, i) => round(x[i]! * gate(x[i]!, round)));
}

/** `dx = dOut · (σ + x · σ · (1 − σ) · 2u′)` with `u′ = √(2/π) · (1 + 3 · 0.044715 x²)`. */
export function geluBackwardReference(
  x: ArrayLike<number>,
  dOut: ArrayLike<number>,
  round: Round = float64,
): Float64Array {
  return Float64Array.from({ length: x.length }, (_, i) => {
    const sigma = gate(x[i]!, round);
    const slope = round(x[i]! * round(linear + round(3 * cubic * round(x[i]! * x[i]!))));
    return round(dOut[i]! * round(sigma + round(slope * round(sigma * round(1 - sigma)))));
  });
}
