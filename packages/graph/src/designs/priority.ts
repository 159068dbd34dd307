import { GraphError } from "../errors.ts";
import type { Random } from "../random/random.ts";
import { expectRow, type Sample } from "./design.ts";

/**
 * Keeps the `c` entries of the largest priorities `w_j/u_j`, estimate `max(w_j, τ)`, where τ is the priority that comes
 * next: exactly `c` entries, or all positive ones where there are fewer, then with their own weights (τ = 0).
 *
 * Of equal priorities the lower index wins. Given the other draws an entry is kept with probability `min(1, w_j/τ)`,
 * which is why the estimate is unbiased; it takes independent draws. They are multiples of 2⁻²⁴, so an expectation
 * may fall short by up to τ·2⁻²⁴. One draw an entry, O(n log n).
 *
 * Source: Duffield, Lund, Thorup, "Priority sampling for estimation of arbitrary subset sums" (JACM 54, 2007).
 *
 * @param budget a whole number, or Infinity to keep all.
 */
export function priority(weights: ArrayLike<number>, budget: number, random: Random): Sample {
  expectRow("priority", weights, budget);
  if (!Number.isInteger(budget) && budget !== Infinity) {
    throw new GraphError(`priority: expected a whole number of entries as the budget, got ${budget}`);
  }
  const priorities = Float64Array.from(weights, (weight) => weight / random.uniform());
  const ascending = priorities.slice().sort();
  const threshold = ascending[ascending.length - 1 - budget] ?? 0;

  const above = priorities.reduce((count, p) => (p > threshold ? count + 1 : count), 0);
  let ties = threshold > 0 ? budget - above : 0;
  const indices = [...priorities.keys()].filter(
    (j) => priorities[j]! > threshold || (priorities[j] === threshold && ties-- > 0),
  );
  return {
    indices: Uint32Array.from(indices),
    probabilities: Float64Array.from(indices, (j) => Math.min(1, weights[j]! / threshold)),
    estimates: Float64Array.from(indices, (j) => Math.max(weights[j]!, threshold)),
  };
}
