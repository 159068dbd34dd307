import { keepWithProbability } from "./bernoulli.ts";
import type { Cut } from "./cut.ts";

/**
 * Russian roulette: `bernoulli` with a probability that may depend on the cotangent that arrives, so that small ones
 * are cut more often. Given the cotangent the factor still has mean 1, so the estimate stays unbiased.
 *
 * @param survival the probability to go on, in (0, 1]; anything else throws `GraphError`.
 */
export function roulette<V>(survival: (cotangent: V) => number): Cut<V> {
  return (cotangent, random, space) =>
    keepWithProbability<V>("roulette", survival(cotangent))(cotangent, random, space);
}
