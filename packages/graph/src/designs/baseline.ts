import type { Sample } from "./design.ts";

/**
 * The harmonic mean `n / Σ 1/w` of a row of weights, 0 where one of them is 0: near the best baseline for designs that
 * keep entries with probabilities in proportion to their weights.
 */
export function harmonicMean(weights: ArrayLike<number>): number {
  let inverses = 0;
  for (let j = 0; j < weights.length; j++) inverses += 1 / weights[j]!;
  return weights.length / inverses;
}

/**
 * Unbiased estimates of what the kept weights are above a baseline, `(w − β)/q`; of all other weights the estimate is 0.
 * With β added to every weight of the row, kept or not, they estimate the weights, of which rows that are nearly β all
 * along have little left to chance.
 *
 * @param beta any number that does not depend on the draws. It has to be 0 where the row has weights of 0, which are
 * never kept: theirs would not be taken off again.
 */
export function aboveBaseline({ probabilities, estimates }: Sample, beta: number): Float64Array {
  return estimates.map((estimate, e) => estimate - beta / probabilities[e]!);
}
