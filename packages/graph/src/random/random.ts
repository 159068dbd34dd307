import type { Key } from "./threefry.ts";
import { fold, independentBits, resolution, rotationBits, toUniform } from "./uniform.ts";

/**
 * A stream of random decisions. Estimators ask for decisions and never see a generator, so that a test can walk
 * every outcome (`expectation` of `@sus/graph/testing`).
 */
export interface Random {
  /** True with probability `q`; takes one draw of the stream, also for `q` = 0 or 1. */
  bernoulli(q: number): boolean;
  /** The next draw, uniform on (0, 1]. */
  uniform(): number;
  /** The stream `index` below this one, independent of it and of its other forks. */
  fork(index: number): Random;
}

/**
 * `q` rounded up to a multiple of 2⁻²⁴: the probability that a decision at `q` really has. Estimators divide by
 * this one, so that they are unbiased exactly, not just up to the resolution of the generator.
 */
export function realised(q: number): number {
  return Math.ceil(q / resolution) * resolution;
}

function stream(key: Key, bits: (row: Key, j: number) => number): Random {
  let drawn = 0;
  return {
    bernoulli: (q) => toUniform(bits(key, drawn++)) - resolution < q,
    uniform: () => toUniform(bits(key, drawn++)),
    fork: (index) => stream(fold(key, index), bits),
  };
}

/** Independent draws: draw `j` depends on the key and `j` alone, so it is the same on every device. */
export function independent(key: Key): Random {
  return stream(key, independentBits);
}

/** Draws by rotation, exact one by one but dependent: the cheapest for `bernoulli`, wrong for `priority`. */
export function rotation(key: Key): Random {
  return stream(key, rotationBits);
}
