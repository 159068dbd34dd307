import { choose } from "../designs/choose.ts";
import type { Design } from "../designs/design.ts";
import { GraphError } from "../errors.ts";
import type { FanIn } from "./cut.ts";

/**
 * Keeps about `count` of a node's edges by a design, with probabilities in proportion to their weights and capped
 * at 1; all of them where there are no more. An edge of weight 0 is always cut. O(n log n) for n edges.
 *
 * @param count above 0; for `priority` a whole number.
 * @throws GraphError for another count, later for edges without a weight and for weights not finite or below 0.
 */
export function fanIn<V>(design: Design, count: number): FanIn<V> {
  if (!(count > 0)) throw new GraphError(`fanIn: expected a count above 0, got ${count}`);
  return (edges, random) => {
    const weights = Float64Array.from(edges, ({ label, weight }) => {
      if (weight === undefined)
        throw new GraphError(`fanIn: expected a weight on every edge, "${label}" has none`);
      return weight;
    });
    const { indices, factors } = choose("fanIn", design, weights, count, random);
    const all = new Float64Array(edges.length);
    indices.forEach((j, k) => {
      all[j] = factors[k]!;
    });
    return all;
  };
}
