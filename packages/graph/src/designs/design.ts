import { GraphError } from "../errors.ts";
import { type Random, realised } from "../random/random.ts";
import { resolution } from "../random/uniform.ts";

/** What a design kept of one row: three arrays of the same length, in ascending order of the index. */
export interface Sample {
  /** The kept entries. */
  readonly indices: Uint32Array;
  /**
   * The probability with which each was kept, given the draws of all other entries: whatever `x` an entry carries,
   * `x/q` where it is kept and 0 elsewhere is an unbiased estimate of it.
   */
  readonly probabilities: Float64Array;
  /** Unbiased estimates `w/q` of the kept weights; of all other weights the estimate is 0. */
  readonly estimates: Float64Array;
}

/**
 * Chooses entries of one row of weights so that `estimates` is right on average for every entry.
 *
 * @param weights finite and at least 0, of any sum. An entry of weight 0 is never kept.
 * @param budget how much to keep, above 0; each design says what it counts.
 * @param random draw `j` belongs to entry `j`, which is what lets a kernel visit the entries in any order.
 * @throws GraphError for other weights or budgets.
 */
export type Design = (weights: ArrayLike<number>, budget: number, random: Random) => Sample;

/**
 * `q = min(1, c·w)`, the probability that an entry of weight `w` is kept at budget `c`, as a multiple of 2⁻²⁴.
 *
 * The product is rounded to float32 first, so that a kernel in single precision finds the same `q` to the last bit.
 * Positive weights get at least 2⁻²⁴: dividing by `q` stays exact however small they are.
 */
export function inclusionProbability(weight: number, budget: number): number {
  if (weight === 0) return 0;
  const q = Math.min(1, Math.fround(Math.fround(budget) * weight));
  return Math.max(resolution, realised(q));
}

/** Throws `GraphError` unless the weights and the budget are what a design accepts. */
export function expectRow(design: string, weights: ArrayLike<number>, budget: number): void {
  if (!(budget > 0)) throw new GraphError(`${design}: expected a budget above 0, got ${budget}`);
  for (let j = 0; j < weights.length; j++) {
    const weight = weights[j]!;
    if (!(weight >= 0 && weight < Infinity)) {
      throw new GraphError(`${design}: expected finite weights of at least 0, got ${weight} at ${j}`);
    }
  }
}

/** The sample that keeps the given entries with the given probabilities. */
export function sampleOf(
  weights: ArrayLike<number>,
  indices: readonly number[],
  probabilities: readonly number[],
): Sample {
  return {
    indices: Uint32Array.from(indices),
    probabilities: Float64Array.from(probabilities),
    estimates: Float64Array.from(indices, (j, k) => weights[j]! / probabilities[k]!),
  };
}
