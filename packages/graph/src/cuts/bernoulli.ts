import { GraphError } from "../errors.ts";
import { share, type VectorSpace } from "../node.ts";
import { realised } from "../random/random.ts";
import type { Cut } from "./cut.ts";

/**
 * Lets the cotangent through, divided by `q`, with probability `q`, else cuts the edge: `E[m] = 1` for the factor
 * `m`, and its variance is `1/q − 1`. With `q = 1` the edge stays exact.
 *
 * @param q in (0, 1]; used as the next multiple of 2⁻²⁴, see `realised`.
 * @throws GraphError for any other `q`.
 * Source: Pankov, Harik, "Sparse unbiased stochastic backprop" (arXiv 2505.15080).
 */
export function bernoulli<V>(q: number): Cut<V> {
  const p = realised(expectProbability("bernoulli", q));
  return (cotangent, random, space) => (random.bernoulli(p) ? scaled(space, cotangent, 1 / p) : null);
}

/** Returns `q`; throws `GraphError` unless it lies in (0, 1]. */
export function expectProbability(name: string, q: number): number {
  if (q > 0 && q <= 1) return q;
  throw new GraphError(`${name}: expected a probability in (0, 1], got ${q}`);
}

/** `factor · v` as a value of its own, without arithmetic where the factor is 1. */
export function scaled<V>(space: VectorSpace<V>, v: V, factor: number): V {
  return factor === 1 ? share(space, v) : space.scale(v, factor);
}
