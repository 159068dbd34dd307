import type { Random } from "../random/random.ts";
import { resolution } from "../random/uniform.ts";
import { bernoulli } from "./bernoulli.ts";
import { inclusionProbability, type Sample } from "./design.ts";
import { multiplier } from "./multiplier.ts";

/**
 * Thins a sample: keeps its e-th entry with probability `q₂ = min(1, λ·f_e·ŵ_e)`, of estimate `ŵ_e/q₂`.
 *
 * Given the sample, the mean of what is left is the sample, so it is unbiased whatever importances and λ are, and they
 * may depend on the sample, on λ solved from it and on anything that was not known when it was drawn; only not on the
 * draws of this stage. An estimate w/q is at most proportional to its importance: where λ·f·w < q the total probability
 * q·q₂ is λ·f·w, and else q. No q₂ is below 2⁻²⁴, so importances may also be wrong, or 0. Draw e belongs to entry e of
 * the sample: the marginals of `rotation` are enough, and neighbours in the sample are rarely dropped together.
 *
 * @param importances f, one for each entry of the sample, finite and at least 0.
 */
export function thin(
  { indices, probabilities, estimates }: Sample,
  importances: ArrayLike<number>,
  lambda: number,
  random: Random,
): Sample {
  const second = estimates.map((estimate, e) =>
    Math.max(resolution, inclusionProbability(estimate * importances[e]!, lambda)),
  );
  const kept = [...second.keys()].filter((e) => random.bernoulli(second[e]!));
  return {
    indices: Uint32Array.from(kept, (e) => indices[e]!),
    probabilities: Float64Array.from(kept, (e) => probabilities[e]! * second[e]!),
    estimates: Float64Array.from(kept, (e) => estimates[e]! / second[e]!),
  };
}

export interface TwoStageOptions {
  /** How many times the budget the first stage keeps. Default: 3. */
  readonly oversample?: number;
  /** How much an entry matters, known only after the first stage. Default: all the same. */
  readonly importance?: (index: number) => number;
}

/**
 * Two stages: `bernoulli` with a few times the budget, then `thin` by importance to as many entries as the budget says on
 * average, given the first stage; all of the first stage where it has no more.
 *
 * Minimising the variance of `Σ_j f_j ŵ_j` for a number of kept entries asks for `q ∝ f·w`, which one stage cannot do
 * where `f` is not known yet.
 */
export function twoStage(
  weights: ArrayLike<number>,
  budget: number,
  random: Random,
  { oversample = 3, importance = () => 1 }: TwoStageOptions = {},
): Sample {
  const first = bernoulli(weights, oversample * budget, random.fork(0));
  const importances = Float64Array.from(first.indices, importance);
  const worths = first.estimates.map((estimate, e) => estimate * importances[e]!);
  if (worths.filter((worth) => worth > 0).length <= budget) return first;
  return thin(first, importances, multiplier(worths, budget), random.fork(1));
}
