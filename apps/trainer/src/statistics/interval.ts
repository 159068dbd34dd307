import { studentQuantile } from "./student.ts";

/** An estimate, how well it is known, and where the true value lies with 95 % confidence. */
export interface Interval {
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

export const confidence = 0.95;

/**
 * The mean of independent values, with Student's interval; without bounds where there is only one.
 *
 * @param degrees of freedom, where they are fewer than values less one.
 */
export function meanInterval(values: readonly number[], degrees = values.length - 1): Interval {
  const value = values.reduce((sum, x) => sum + x, 0) / values.length;
  return around(value, standardErrorOfMean(values, value), Math.min(degrees, values.length - 1));
}

/**
 * Any function of a sample of independent units, from its values with each unit left out (the jackknife, Tukey 1958):
 * the standard error is that of the pseudo-values `M·θ − (M − 1)·θ₋ᵤ`, whose mean replaces θ to remove bias of order 1/M.
 *
 * @param units M, at least 2.
 * @param estimate θ without unit u, or with all units where u is null.
 * @param degrees of freedom, where they are fewer than M − 1: some units count only in a part of θ.
 */
export function jackknife(
  units: number,
  estimate: (without: number | null) => number,
  degrees = units - 1,
): Interval {
  const whole = estimate(null);
  const pseudo = Array.from({ length: units }, (_, unit) => units * whole - (units - 1) * estimate(unit));
  return meanInterval(pseudo, degrees);
}

/**
 * `jackknife` of the logarithm of a positive estimate, for ratios and variances: their distribution is skewed, that of
 * the logarithm hardly, and the interval stays above 0. An estimate of 0 is known exactly: nothing ever happened.
 */
export function positiveJackknife(
  units: number,
  estimate: (without: number | null) => number,
  degrees = units - 1,
): Interval {
  if (estimate(null) === 0) return { value: 0, standardError: 0, low: 0, high: 0 };
  const logarithm = (without: number | null) => Math.log(estimate(without));
  const { value, standardError, low, high } = jackknife(units, logarithm, degrees);
  return {
    value: Math.exp(value),
    standardError: Math.exp(value) * standardError,
    low: Math.exp(low),
    high: Math.exp(high),
  };
}

function standardErrorOfMean(values: readonly number[], mean: number): number {
  if (values.length < 2) return Infinity;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

function around(value: number, standardError: number, degrees: number): Interval {
  const reach = degrees < 1 ? Infinity : studentQuantile(confidence, degrees) * standardError;
  return { value, standardError, low: value - reach, high: value + reach };
}
