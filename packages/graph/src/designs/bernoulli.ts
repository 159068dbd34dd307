import type { Random } from "../random/random.ts";
import { expectRow, inclusionProbability, type Sample, sampleOf } from "./design.ts";

/**
 * Keeps entry `j` with probability `q_j = min(1, c·w_j)`, estimate `w_j/q_j`: the rule of the paper.
 *
 * Keeps `Σ q_j ≤ c·Σ w_j` entries on average, in a row that sums to one at most `c`. Each decision depends on its own
 * draw alone, so the marginals of `rotation` draws are enough. One draw an entry, O(n).
 *
 * Source: Pankov, Harik, "Sparse unbiased stochastic backprop" (arXiv 2505.15080).
 */
export function bernoulli(weights: ArrayLike<number>, budget: number, random: Random): Sample {
  expectRow("bernoulli", weights, budget);
  const indices: number[] = [];
  const probabilities: number[] = [];
  for (let j = 0; j < weights.length; j++) {
    const q = inclusionProbability(weights[j]!, budget);
    if (random.bernoulli(q)) {
      indices.push(j);
      probabilities.push(q);
    }
  }
  return sampleOf(weights, indices, probabilities);
}
