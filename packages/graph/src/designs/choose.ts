import type { Random } from "../random/random.ts";
import { type Design, expectRow } from "./design.ts";

/** Entries of a row, in ascending order, and what to multiply whatever they carry by: `1/q`. */
export interface Choice {
  readonly indices: Uint32Array;
  readonly factors: Float64Array;
}

/**
 * Chooses about `count` entries by a design, with probabilities in proportion to their weights and capped at 1.
 *
 * The weights may have any scale: the budget is turned into the λ for which `Σ min(1, λ·w) = count`, so that all
 * designs keep equally many. Where no more than `count` weights are positive all those are kept. O(n log n).
 *
 * @throws GraphError in the name of `caller` for weights that are not finite or below 0.
 */
export function choose(
  caller: string,
  design: Design,
  weights: Float64Array,
  count: number,
  random: Random,
): Choice {
  expectRow(caller, weights, count);
  const positive = [...weights.keys()].filter((j) => weights[j]! > 0);
  if (positive.length <= count) {
    return { indices: Uint32Array.from(positive), factors: new Float64Array(positive.length).fill(1) };
  }
  const scale = multiplier(weights, count) / count;
  const { indices, probabilities } = design(
    weights.map((w) => w * scale),
    count,
    random,
  );
  return { indices, factors: probabilities.map((q) => 1 / q) };
}

/** The λ for which `Σ min(1, λ·w) = count`; more than `count` weights are positive. */
function multiplier(weights: Float64Array, count: number): number {
  const ascending = weights.toSorted();
  const sums = new Float64Array(weights.length + 1);
  ascending.forEach((w, i) => {
    sums[i + 1] = sums[i]! + w;
  });
  // The largest weights are capped, as many as it takes for the others to stay below 1.
  let uncapped = weights.length;
  while (ascending[uncapped - 1]! * (count - (weights.length - uncapped)) > sums[uncapped]!) uncapped--;
  return (count - (weights.length - uncapped)) / sums[uncapped]!;
}
