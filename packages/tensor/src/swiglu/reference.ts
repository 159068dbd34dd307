import { float64, type Round } from "../precision.ts";

type Numbers = ArrayLike<number>;

function sigmoid(x: number, round: Round): number {
  return round(1 / round(1 + round(Math.exp(-x))));
}

/** `out = gate · σ(gate) · up`. */
export function swigluReference(gate: Numbers, up: Numbers, round: Round = float64): Float64Array {
  return Float64Array.from({ length: gate.length }, (_, i) =>
    round(round(gate[i]! * sigmoid(gate[i]!, round)) * up[i]!),
  );
}

/** `dGate = dOut · up · σ · (1 + gate · (1 − σ))` and `dUp = dOut · gate · σ`, with `σ = σ(gate)`. */
export function swigluBackwardReference(
  gate: Numbers,
  up: Numbers,
  dOut: Numbers,
  round: Round = float64,
): Readonly<Record<"dGate" | "dUp", Float64Array>> {
  const [dGate, dUp] = [new Float64Array(gate.length), new Float64Array(gate.length)];
  for (let i = 0; i < gate.length; i++) {
    const sigma = sigmoid(gate[i]!, round);
    const derivative = round(sigma * round(1 + round(gate[i]! * round(1 - sigma))));
    dGate[i] = round(round(dOut[i]! * up[i]!) * derivative);
    dUp[i] = round(dOut[i]! * round(gate[i]! * sigma));
  }
  return { dGate, dUp };
}
