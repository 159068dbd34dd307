import { GraphError } from "../errors.ts";
import { share } from "../node.ts";
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
  return keepWithProbability("bernoulli", q);
}

/** `bernoulli` in the name of another cut. */
export function keepWithProbability<V>(caller: string, q: number): Cut<V> {
  if (!(q > 0 && q <= 1)) throw new GraphError(`${caller}: expected a probability in (0, 1], got ${q}`);
  const p = realised(q);
  return (cotangent, random, space) => {
    if (!random.bernoulli(p)) return null;
    return p === 1 ? share(space, cotangent) : space.scale(cotangent, 1 / p);
  };
}
