import { inclusionProbability } from "../designs/design.ts";
import { GraphError } from "../errors.ts";
import type { Edge } from "../node.ts";
import { bernoulli } from "./bernoulli.ts";
import type { Cut } from "./cut.ts";

/**
 * The paper's rule as the `cut` option of `backward`: keeps an edge of weight `w` with probability `min(1, c·w)`.
 *
 * Edges without a weight stay exact. An edge of weight 0 is always cut, as it promises to carry nothing.
 *
 * @param c above 0; where a node's weights sum to one, about the number of its edges that are kept, or fewer.
 * @throws GraphError for another `c`, later for weights that are not finite or below 0.
 */
export function byWeight<V>(c: number): (edge: Edge<V>) => Cut<V> | undefined {
  if (!(c > 0)) throw new GraphError(`byWeight: expected c above 0, got ${c}`);
  return ({ weight }) => {
    if (weight === undefined) return undefined;
    if (!(weight >= 0 && weight < Infinity)) {
      throw new GraphError(`byWeight: expected a finite weight of at least 0, got ${weight}`);
    }
    if (weight === 0) return () => null;
    const q = inclusionProbability(weight, c);
    return q === 1 ? undefined : bernoulli(q);
  };
}
