import type { Random } from "../random/random.ts";
import { type Design, expectRow } from "./design.ts";
import { multiplier } from "./multiplier.ts";

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
  const relative = relativeTo(
    weights,
    positive.reduce((largest, j) => Math.max(largest, weights[j]!), 0),
  );
  const scale = multiplier(relative, count) / count;
  const { indices, probabilities } = design(
    relative.map((w) => w * scale),
    count,
    random,
  );
  return { indices, factors: probabilities.map((q) => 1 / q) };
}

/** The least that a positive weight counts for beside the largest: one that became 0 would never be kept. */
const least = 1e-300;

/** The weights divided by the largest, so that no sum of them overflows. */
function relativeTo(weights: Float64Array, largest: number): Float64Array {
  return weights.map((w) => (w > 0 ? Math.max(w / largest, least) : 0));
}
