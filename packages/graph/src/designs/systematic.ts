import type { Random } from "../random/random.ts";
import { resolution } from "../random/uniform.ts";
import { expectRow, inclusionProbability, type Sample, sampleOf } from "./design.ts";

/**
 * Walks the running sum of `q_j = min(1, c·w_j)` from one uniform start and keeps the entries in which it passes a
 * whole number: each with probability `q_j`, estimate `w_j/q_j`.
 *
 * Keeps `Σ q_j` entries, rounded up or down, and neighbours rarely together, hence a little less variance than
 * `bernoulli`; but an entry's fate hangs on all before it. One draw a row, O(n). All sums are multiples of 2⁻²⁴ below
 * 2, exact in 25 bits: a kernel counts them in integers.
 *
 * Source: Madow, "On the theory of systematic sampling, II" (Annals of Mathematical Statistics 20, 1949).
 */
export function systematic(weights: ArrayLike<number>, budget: number, random: Random): Sample {
  expectRow("systematic", weights, budget);
  const indices: number[] = [];
  const probabilities: number[] = [];
  let phase = random.uniform() - resolution;
  for (let j = 0; j < weights.length; j++) {
    const q = inclusionProbability(weights[j]!, budget);
    phase += q;
    if (phase >= 1) {
      phase -= 1;
      indices.push(j);
      probabilities.push(q);
    }
  }
  return sampleOf(weights, indices, probabilities);
}
