import { float64, type Round } from "../precision.ts";

type Numbers = ArrayLike<number>;
type Arrays<Name extends string> = Readonly<Record<Name, Float64Array>>;

/** `out = (x − mean) · rstd · gain + bias` a row of x [rows, width], with `rstd = 1/√(variance + ε)`. */
export function layerNormReference(
  x: Numbers,
  gain: Numbers,
  bias: Numbers,
  epsilon: number,
  round: Round = float64,
): Arrays<"out" | "mean" | "rstd"> {
  const width = gain.length;
  const rows = x.length / width;
  const [out, mean, rstd] = [new Float64Array(x.length), new Float64Array(rows), new Float64Array(rows)];
  for (let t = 0; t < rows; t++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum = round(sum + x[t * width + j]!);
    mean[t] = round(sum / width);
    let squares = 0;
    for (let j = 0; j < width; j++) {
      const deviation = round(x[t * width + j]! - mean[t]!);
      squares = round(squares + round(deviation * deviation));
    }
    rstd[t] = round(1 / round(Math.sqrt(round(round(squares / width) + epsilon))));
    for (let j = 0; j < width; j++) {
      const normal = round(round(x[t * width + j]! - mean[t]!) * rstd[t]!);
      out[t * width + j] = round(round(normal * gain[j]!) + bias[j]!);
    }
  }
  return { out, mean, rstd };
}

/**
 * The pullback, with `x̂ = (x − mean) · rstd` and `g = dOut · gain`: `dx = rstd · (g − average(g) − x̂ · average(g · x̂))`
 * a row, `dGain[j] = Σ_t dOut · x̂` and `dBias[j] = Σ_t dOut`.
 */
export function layerNormBackwardReference(
  x: Numbers,
  gain: Numbers,
  { mean, rstd }: { mean: Numbers; rstd: Numbers },
  dOut: Numbers,
  round: Round = float64,
): Arrays<"dx" | "dGain" | "dBias"> {
  const width = gain.length;
  const [dx, dGain, dBias] = [new Float64Array(x.length), new Float64Array(width), new Float64Array(width)];
  for (let t = 0; t < x.length / width; t++) {
    const normal = (j: number) => round(round(x[t * width + j]! - mean[t]!) * rstd[t]!);
    const g = (j: number) => round(dOut[t * width + j]! * gain[j]!);
    let [sum, along] = [0, 0];
    for (let j = 0; j < width; j++) {
      sum = round(sum + g(j));
      along = round(along + round(g(j) * normal(j)));
      dGain[j] = round(dGain[j]! + round(dOut[t * width + j]! * normal(j)));
      dBias[j] = round(dBias[j]! + dOut[t * width + j]!);
    }
    const [average, slope] = [round(sum / width), round(along / width)];
    for (let j = 0; j < width; j++) {
      dx[t * width + j] = round(rstd[t]! * round(round(g(j) - average) - round(normal(j) * slope)));
    }
  }
  return { dx, dGain, dBias };
}
