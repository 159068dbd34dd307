import { backward, byWeight, fold, type Key, key, numbers, type Random } from "@sus/graph";
import { drawTokens, leaves, project, weightedSum } from "../../../../../docs/graphs/attention.ts";
import type { Worked } from "./worked.ts";

export const length = 128;
/** How sharply the rows attend, as trained heads do. */
const sharpness = 3;

/** Attention from scalar nodes, with a weight each for queries, keys and values; the budget is the paper's c. */
export function attention(budget: number): Worked {
  const projections = leaves([sharpness, sharpness, 1]);
  const batch = (random: Key) => {
    const outputs = project(projections, leaves(drawTokens(length, fold(random, 0))));
    return weightedSum(outputs, [...drawTokens(length, fold(random, 1))]);
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
