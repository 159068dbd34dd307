import { type Interval, jackknife, positiveJackknife } from "../statistics/interval.ts";

/** Squared lengths in one group of parameters, one number a batch. */
export interface Distances {
  /** ‖mean of 2ᵏ estimates − exact‖² by level k. */
  readonly sampling: readonly (readonly number[])[];
  /** ‖g‖² of the exact gradients that were sampled. */
  readonly exact: readonly number[];
  /** ‖g − ḡ‖² of all exact gradients around their mean. */
  readonly data: readonly number[];
  /** Which of those were sampled. Default: all. */
  readonly sampled?: readonly number[];
}

/**
 * E‖ĝ − g‖² / Var_data(g): what sampling adds to the variance that a gradient has from batch to batch. Batches are the
 * units of the jackknife, since both sides are means over them, the upper one over those that were sampled; there are as
 * many degrees of freedom as the side with fewer has. Null where the data have no variance.
 *
 * @param distances of at least three batches.
 */
export function relativeVariance({ sampling, data, sampled }: Distances): Interval | null {
  if (data.every((square) => square === 0)) return null;
  const [distances] = sampling as [readonly number[]];
  const place = (unit: number) => (sampled === undefined ? unit : sampled.indexOf(unit));
  return positiveJackknife(
    data.length,
    (without) =>
      mean(distances, without === null || place(without) < 0 ? null : place(without)) /
      variance(data, without),
    distances.length - 1,
  );
}

/** How the variance of one estimator compares with another's on the same batches: a ratio, its data variance cancels. */
export function varianceRatio(sampling: readonly number[], other: readonly number[]): Interval {
  return positiveJackknife(sampling.length, (without) => mean(sampling, without) / mean(other, without));
}

/** How the distance of the mean of R draws falls with R: the slope of log distance against log R, −½ without a bias. */
export function biasSlope({ sampling }: Distances): Interval | null {
  if (sampling.length < 2 || sampling[0]!.some((square) => square === 0)) return null;
  return jackknife(sampling[0]!.length, (without) => {
    const logs = sampling.map((level) => Math.log2(mean(level, without)) / 2);
    return weightedSlope(
      logs,
      logs.map((_, level) => 2 ** -level),
    );
  });
}

/**
 * The squared bias as a share of the squared gradient, itself without bias: with D_k the mean squared distance of means
 * of R = 2ᵏ draws, `E D_k = b² + σ²/R`, so `b² = (R·D_k − D₀)/(R − 1)`. It scatters around 0 where there is none.
 */
export function biasShare({ sampling, exact }: Distances): Interval | null {
  if (sampling.length < 2 || exact.every((square) => square === 0)) return null;
  const draws = 2 ** (sampling.length - 1);
  return jackknife(exact.length, (without) => {
    const [one, many] = [mean(sampling[0]!, without), mean(sampling.at(-1)!, without)];
    return (draws * many - one) / (draws - 1) / mean(exact, without);
  });
}

function mean(values: readonly number[], without: number | null): number {
  let sum = 0;
  for (const [i, value] of values.entries()) if (i !== without) sum += value;
  return sum / (values.length - (without === null ? 0 : 1));
}

/** The unbiased variance of M vectors from their squared distances to the mean of all, with one of them left out. */
function variance(squares: readonly number[], without: number | null): number {
  const count = squares.length;
  const sum = squares.reduce((total, square) => total + square, 0);
  if (without === null) return sum / (count - 1);
  // Without one the mean moves too, away from it.
  return (sum - (squares[without]! * count) / (count - 1)) / (count - 2);
}

/** Of a line through (level, value) by weighted least squares. */
function weightedSlope(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const average = (of: (level: number) => number) =>
    weights.reduce((sum, weight, level) => sum + weight * of(level), 0) / total;
  const [x, y] = [average((level) => level), average((level) => values[level]!)];
  return average((level) => (level - x) * (values[level]! - y)) / average((level) => (level - x) ** 2);
}
