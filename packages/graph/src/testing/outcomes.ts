import { GraphError } from "../errors.ts";
import type { VectorSpace } from "../node.ts";
import type { Random } from "../random/random.ts";

/** What a run gave, and the probability that it goes this way. */
export interface Outcome<T> {
  readonly probability: number;
  readonly value: T;
}

interface Decision {
  readonly q: number;
  taken: boolean;
}

/**
 * Every way in which code that decides by `random.bernoulli` can go; the probabilities add up to one.
 *
 * The code runs once an outcome: with `k` decisions up to 2ᵏ times. A decision at 0 or 1 does not branch. It must ask
 * for the same decisions whenever the earlier ones fell the same way.
 *
 * @throws GraphError when the code asks for `uniform()`, which has no finite set of outcomes, when a probability lies
 *   outside [0, 1], when a second run asks otherwise than the first, and after `limit` outcomes.
 */
export function* outcomes<T>(run: (random: Random) => T, limit: number = 2 ** 20): Generator<Outcome<T>> {
  const path: Decision[] = [];
  for (let count = 0; ; count++) {
    if (count === limit) throw new GraphError(`outcomes: expected at most ${limit} outcomes, there are more`);
    const value = run(follow(path));
    yield { probability: path.reduce((p, { q, taken }) => p * (taken ? q : 1 - q), 1), value };

    // The next path differs in the last decision that can still fall the other way.
    while (path.length > 0 && !(path.at(-1)!.taken && path.at(-1)!.q < 1)) path.pop();
    const last = path.at(-1);
    if (last === undefined) return;
    last.taken = false;
  }
}

/** Decides as `path` says and, where it ends, adds decisions that are taken if they can be. */
function follow(path: Decision[]): Random {
  let asked = 0;
  const random: Random = {
    bernoulli(q) {
      if (!(q >= 0 && q <= 1)) throw new GraphError(`outcomes: expected a probability in [0, 1], got ${q}`);
      const known = path[asked++];
      if (known === undefined) path.push({ q, taken: q > 0 });
      else if (known.q !== q) {
        throw new GraphError(`outcomes: expected decision ${asked} at ${known.q} as before, got ${q}`);
      }
      return path[asked - 1]!.taken;
    },
    uniform() {
      throw new GraphError(
        "outcomes: uniform() has no finite set of outcomes; only bernoulli(q) can be walked",
      );
    },
    fork: () => random,
  };
  return random;
}

/** The exact expectation of `run` over all its outcomes; see `outcomes` for what it may do. */
export function expectation<V>(run: (random: Random) => V, space: VectorSpace<V>): V {
  let mean: V | undefined;
  for (const { probability, value } of outcomes(run)) {
    const part = space.scale(value, probability);
    space.drop?.(value);
    if (mean === undefined) {
      mean = part;
      continue;
    }
    const sum = space.add(mean, part);
    space.drop?.(mean);
    space.drop?.(part);
    mean = sum;
  }
  return mean!;
}
