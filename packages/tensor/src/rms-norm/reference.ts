import { float64, type Round } from "../precision.ts";

type Numbers = ArrayLike<number>;
type Arrays<Name extends string> = Readonly<Record<Name, Float64Array>>;

/** `out = x · rstd · gain` a row of x [rows, width], with `rstd = 1/√(average(x²) + ε)`. */
export function rmsNormReference(
  x: Numbers,
  gain: Numbers,
  epsilon: number,
  round: Round = float64,
): Arrays<"out" | "rstd"> {
  const width = gain.length;
  const [out, rstd] = [new Float64Array(x.length), new Float64Array(x.length / width)];
  for (let t = 0; t < rstd.length; t++) {
    let squares = 0;
    for (let j = 0; j < width; j++) squares = round(squares + round(x[t * width + j]! * x[t * width + j]!));
    rstd[t] = round(1 / round(Math.sqrt(round(round(squares / width) + epsilon))));
    for (let j = 0; j < width; j++) {
      out[t * width + j] = round(round(x[t * width + j]! * rstd[t]!) * gain[j]!);
    }
  }
  return { out, rstd };
}

/**
 * The pullback, with `x̂ = x · rstd` and `g = dOut · gain`: `dx = rstd · (g − x̂ · average(g · x̂))` a row and
 * `dGain[j] = Σ_t dOut · x̂`.
 */
export function rmsNormBackwardReference(
  x: Numbers,
  gain: Numbers,
  rstd: Numbers,
  dOut: Numbers,
  round: Round = float64,
): Arrays<"dx" | "dGain"> {
  const width = gain.length;
  const [dx, dGain] = [new Float64Array(x.length), new Float64Array(width)];
  for (let t = 0; t < rstd.length; t++) {
    const normal = (j: number) => round(x[t * width + j]! * rstd[t]!);
    const g = (j: number) => round(dOut[t * width + j]! * gain[j]!);
    let along = 0;
    for (let j = 0; j < width; j++) {
      along = round(along + round(g(j) * normal(j)));
      dGain[j] = round(dGain[j]! + round(dOut[t * width + j]! * normal(j)));
    }
    const slope = round(along / width);
    for (let j = 0; j < width; j++) {
      dx[t * width + j] = round(rstd[t]! * round(g(j) - round(normal(j) * slope)));
    }
  }
  return { dx, dGain };
}
