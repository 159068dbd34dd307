import { allocate, type Bounds } from "./allocate.ts";

/** What a probe found with the budgets of the time: a number for each part, a layer or a head, that has one. */
export interface Measurement {
  /** Entries kept a row. */
  readonly kept: readonly number[];
  /** What each part's sample adds to the variance of the whole gradient, relative to that of the data. */
  readonly noise: readonly number[];
}

/** The controller's state: what it has learnt, and what follows from it. */
export interface Budgets {
  /** Entries a row that each part should keep. */
  readonly kept: readonly number[];
  /** Logarithm of each part's smoothed `noise · kept^exponent`; null before the first probe. */
  readonly logStrengths: readonly number[] | null;
}

export interface ControllerOptions {
  /** The relative variance increase to hold, of all parts together. */
  readonly target: number;
  readonly bounds: Bounds;
  /** How noise falls with kept entries: measured between 1.4 and 1.5 on trained models. */
  readonly exponent?: number;
  /** Share of a new measurement in what is believed, in (0, 1]. */
  readonly smoothing?: number;
}

/** A probe of a few sequences is right to a factor of some 1.3; half of it is believed at once. */
const defaultSmoothing = 0.5;
export const defaultExponent = 1.4;

/** More than this factor is no scatter of a probe but news, early in training above all: it is believed at once. */
const surprise = 4;
/**
 * A budget rises and falls by at most these factors from probe to probe, whatever a probe found: too large a budget costs
 * time until the next probe, too small a one spoils the gradient.
 */
const largestRise = 3;
const largestFall = 1.5;
/** A part whose noise is below this share of the target has as good as none: its logarithm must not run away. */
const leastNoise = 1e-3;

/**
 * New budgets after a probe: the allocation with the fewest kept entries that holds the target, going by what each part's
 * noise was found to be.
 *
 * What is smoothed is the logarithm of noise · kept^p, which does not change when budgets do, so that the controller does
 * not chase its own corrections. With smoothing s and a true exponent q the distance to the target shrinks by 1 − s·q/p a
 * probe: without oscillation for q ≤ p/s, twice the exponent assumed. Pure: a run that is resumed replays its probes.
 */
export function adjust(
  budgets: Budgets,
  { kept, noise }: Measurement,
  { target, bounds, exponent = defaultExponent, smoothing = defaultSmoothing }: ControllerOptions,
): Budgets {
  const found = noise.map(
    (v, part) => Math.log(Math.max(v, leastNoise * target)) + exponent * Math.log(kept[part]!),
  );
  const logStrengths = found.map((log, part) => {
    const before = budgets.logStrengths?.[part] ?? log;
    const isNews = Math.abs(log - before) > Math.log(surprise);
    return isNews ? log : before + smoothing * (log - before);
  });
  const wanted = allocate({ strengths: logStrengths.map(Math.exp), exponent }, target, bounds);
  return {
    logStrengths,
    kept: wanted.map((k, part) => {
      const now = budgets.kept[part]!;
      return Math.min(largestRise * now, Math.max(now / largestFall, k));
    }),
  };
}
