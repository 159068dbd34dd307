import { GraphError } from "../errors.ts";

/** The mean of squared distances, of many coordinates added up, and how well it is known. */
export interface Measured {
  readonly value: number;
  /** The standard error of `value` from the scatter of the estimates. */
  readonly standardError: number;
}

/**
 * What sampling adds to the variance of a gradient, relative to the variance it has anyway:
 * `mean ‖ĝ − g‖² / Var_data(g)`.
 *
 * @param estimates sampled gradients `ĝ` of one batch, at least one; taken one at a time, so they may be generated.
 * @param exact the exact gradient `g` of that batch.
 * @param natural the variance of exact gradients between batches, from `naturalVariance`.
 * @throws GraphError where lengths differ, without estimates, and unless `natural` is above 0.
 */
export function relativeVariance(
  estimates: Iterable<ArrayLike<number>>,
  exact: ArrayLike<number>,
  natural: number,
): Measured {
  if (!(natural > 0))
    throw new GraphError(`relativeVariance: expected a natural variance above 0, got ${natural}`);
  function* ratios(): Generator<[number]> {
    for (const estimate of estimates) {
      expectLength("relativeVariance", estimate, exact.length);
      let squares = 0;
      for (let i = 0; i < exact.length; i++) squares += (estimate[i]! - exact[i]!) ** 2;
      yield [squares / natural];
    }
  }
  const { means, variances, count } = moments("relativeVariance", ratios(), 1);
  return { value: means[0]!, standardError: Math.sqrt(variances[0]! / count) };
}

/**
 * The variance of exact gradients from batch to batch, unbiased, all coordinates added up.
 *
 * @param gradients of at least two batches; taken one at a time. Throws `GraphError` for fewer.
 */
export function naturalVariance(gradients: Iterable<ArrayLike<number>>): number {
  const { variances, count } = moments("naturalVariance", gradients);
  if (count < 2) throw new GraphError(`naturalVariance: expected at least 2 gradients, got ${count}`);
  return variances.reduce((total, variance) => total + variance, 0);
}

export interface ZScores {
  /** For each coordinate how many standard errors the mean lies from the exact value. */
  readonly scores: Float64Array;
  /** The largest score in absolute value. */
  readonly worst: number;
  /** Unbiased estimates exceed it with at most the false-alarm rate, in any coordinate. */
  readonly limit: number;
}

/**
 * Compares the mean of many independent estimates with the exact value, coordinate by coordinate.
 *
 * The limit is `√(2 ln(m/α))` for `m` coordinates: no tail of a normal distribution beyond z, both sides together,
 * exceeds `exp(−z²/2)`, and the coordinates share α. It takes the means to be nearly normal: an entry that is kept
 * with probability q wants many more than 1/q estimates.
 *
 * @param falseAlarmRate α, the probability that estimates without a bias exceed the limit.
 * @throws GraphError where lengths differ, and for fewer than two estimates.
 */
export function zScores(
  estimates: Iterable<ArrayLike<number>>,
  exact: ArrayLike<number>,
  falseAlarmRate: number = 1e-6,
): ZScores {
  const { means, variances, count } = moments("zScores", estimates, exact.length);
  if (count < 2) throw new GraphError(`zScores: expected at least 2 estimates, got ${count}`);
  const scores = means.map((mean, i) => {
    const distance = mean - exact[i]!;
    // Rounding alone moves the mean of constant estimates.
    if (Math.abs(distance) <= 1e-12 * Math.abs(exact[i]!)) return 0;
    return distance / Math.sqrt(variances[i]! / count);
  });
  return {
    scores,
    worst: scores.reduce((worst, score) => Math.max(worst, Math.abs(score)), 0),
    limit: Math.sqrt(2 * Math.log(exact.length / falseAlarmRate)),
  };
}

interface Moments {
  readonly means: Float64Array;
  /** Unbiased; 0 for a single vector. */
  readonly variances: Float64Array;
  readonly count: number;
}

/** Means and variances of each coordinate in one pass (Welford 1962). */
function moments(caller: string, vectors: Iterable<ArrayLike<number>>, length?: number): Moments {
  let count = 0;
  let means = new Float64Array(length ?? 0);
  let squares = new Float64Array(length ?? 0);
  for (const vector of vectors) {
    if (count === 0 && length === undefined) {
      means = new Float64Array(vector.length);
      squares = new Float64Array(vector.length);
    }
    expectLength(caller, vector, means.length);
    count++;
    for (let i = 0; i < means.length; i++) {
      const distance = vector[i]! - means[i]!;
      means[i] = means[i]! + distance / count;
      squares[i] = squares[i]! + distance * (vector[i]! - means[i]!);
    }
  }
  if (count === 0) throw new GraphError(`${caller}: expected at least 1 estimate, got none`);
  return { means, variances: squares.map((sum) => (count > 1 ? sum / (count - 1) : 0)), count };
}

function expectLength(caller: string, vector: ArrayLike<number>, length: number): void {
  if (vector.length !== length) {
    throw new GraphError(
      `${caller}: expected vectors of length ${length}, got one of length ${vector.length}`,
    );
  }
}
