import { choose } from "../designs/choose.ts";
import type { Design } from "../designs/design.ts";
import { GraphError } from "../errors.ts";
import { share, type VectorSpace } from "../node.ts";
import type { Cut } from "./cut.ts";

/** A vector space of matrices that can be thinned by rows. */
export interface RowSpace<V> extends VectorSpace<V> {
  /** The Euclidean norm of each row. */
  rowNorms(v: V): ArrayLike<number>;
  /**
   * The rows `indices`, in ascending order, each multiplied by its factor, and zero elsewhere, as a new value. It pays
   * when the value holds those rows alone and the pullbacks behind it multiply only them.
   */
  takeRows(v: V, indices: Uint32Array, factors: Float64Array): V;
}

/** How many rows to keep: a share of them in (0, 1], rounded to whole rows and at least one, or a count above 0. */
export type RowBudget = { readonly share: number } | { readonly count: number };

/**
 * Keeps about so many rows of a matrix cotangent, with probabilities in proportion to their norms and capped at 1, so
 * that the products behind the edge run on the kept rows only. Rows of zeros are never kept; where none is kept the
 * edge is cut.
 *
 * Its price is high where rows are alike: half of the rows of a trained MLP's cotangents cost about a third more
 * gradient variance. It takes the norms on the host; a device that cannot read back at once needs a cut of its own.
 *
 * @throws GraphError for a share outside (0, 1] or a count of 0 or less.
 */
export function rows<V>(space: RowSpace<V>, design: Design, budget: RowBudget): Cut<V> {
  if ("share" in budget ? !(budget.share > 0 && budget.share <= 1) : !(budget.count > 0)) {
    throw new GraphError(
      "share" in budget
        ? `rows: expected a share in (0, 1], got ${budget.share}`
        : `rows: expected a count above 0, got ${budget.count}`,
    );
  }
  return (cotangent, random) => {
    const norms = Float64Array.from(space.rowNorms(cotangent));
    const count = "share" in budget ? Math.max(1, Math.round(budget.share * norms.length)) : budget.count;
    if (count >= norms.length) return share(space, cotangent);
    const { indices, factors } = choose("rows", design, norms, count, random);
    return indices.length === 0 ? null : space.takeRows(cotangent, indices, factors);
  };
}
