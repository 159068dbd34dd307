import { defaultOversample, type EstimatorName, keepingOf } from "../model/estimators.ts";

/** Exact weights of some rows of a head, or of all heads of a layer, as many of each. */
export type WeightRows = readonly Float32Array[];

/**
 * Entries a row that an estimator keeps on average over these rows, exactly: no draw is needed, since what a design keeps
 * is known once the weights are.
 */
export function expectedKept(
  name: EstimatorName,
  c: number,
  weights: WeightRows,
  oversample: number = defaultOversample,
): number {
  const keeping = keepingOf(name);
  if (keeping === "rule") return keptByRule(c, weights);
  if (keeping === "thinned") return Math.min(c, keptByRule(oversample * c, weights));
  return weights.reduce((sum, row) => sum + Math.min(c, row.length), 0) / weights.length;
}

/** Σ min(1, c·w), a mean over rows. */
export function keptByRule(c: number, weights: WeightRows): number {
  let sum = 0;
  for (const row of weights) for (let j = 0; j < row.length; j++) sum += Math.min(1, c * row[j]!);
  return sum / weights.length;
}
