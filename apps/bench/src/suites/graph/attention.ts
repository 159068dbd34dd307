import {
  backward,
  byWeight,
  fold,
  independentBits,
  type Key,
  key,
  numbers,
  type Random,
  toUniform,
} from "@sus/graph";
import {
  attention as attentionOf,
  leaves,
  product,
  weightedSum,
} from "../../../../../docs/graphs/attention.ts";
import type { Worked } from "./worked.ts";

const length = 128;
/** How sharply the rows attend, as trained heads do. */
const sharpness = 3;

/** Attention from scalar nodes, with a weight each for queries, keys and values; the budget is the paper's c. */
export function attention(budget: number): Worked {
  const projections = leaves([sharpness, sharpness, 1]);
  const draw = (random: Key) =>
    Float64Array.from({ length }, (_, i) => 2 * toUniform(independentBits(random, i)) - 1);
  const batch = (random: Key) => {
    const tokens = leaves(draw(fold(random, 0)));
    const [q, k, v] = projections.map((weight) => tokens.map((token) => product("project", weight, token)));
    return weightedSum(attentionOf(q!, k!, v!), [...draw(fold(random, 1))]);
  };
  const loss = batch(key(1));
  const gradient = (of = loss, random?: Random) => {
    const sampling = random === undefined ? {} : { cut: byWeight<number>(budget), random };
    const gradients = backward(of, 1, { space: numbers, ...sampling });
    return projections.map((node) => gradients.get(node) ?? 0);
  };
  let kept = 0;
  const pairs = loss.edges[0]!.parents.flatMap(({ edges }) => edges);
  for (const { weight } of pairs) kept += Math.min(1, budget * weight!);
  return {
    name: "attention",
    budget,
    kept: kept / pairs.length,
    forward: () => void batch(key(1)),
    pullBack: (random) => void gradient(loss, random),
    gradient: (random) => gradient(loss, random),
    gradientOfBatch: (index) => gradient(batch(fold(key(2), index))),
    [Symbol.dispose]: () => {},
  };
}
