import { describe, expect, test } from "vitest";
import { backward } from "../backward.ts";
import { designs } from "../designs/index.ts";
import { leaf } from "../node.ts";
import { independent, type Random, realised } from "../random/random.ts";
import { fold, key } from "../random/uniform.ts";
import { numbers } from "../spaces.ts";
import { expectation } from "../testing/outcomes.ts";
import { zScores } from "../testing/statistics.ts";
import { byWeight } from "./by-weight.ts";
import { fanIn } from "./fan-in.ts";

/** One node with an edge a weight; each edge carries its weight times its place. */
function fan(weights: readonly (number | undefined)[]) {
  const leaves = weights.map((_, i) => leaf(i));
  const edges = weights.map((weight, i) => ({
    label: `e${i}`,
    ...(weight !== undefined && { weight }),
    parents: [leaves[i]!],
    pullback: (g: number) => [g * (weight ?? 1) * (i + 1)],
  }));
  return { output: { value: 0, edges }, leaves, exact: weights.map((weight, i) => (weight ?? 1) * (i + 1)) };
}

describe("byWeight", () => {
  const weights = [0.5, 0.1, undefined, 0, 0.25, 1e-12];

  test("is unbiased, cuts at min(1, c·w) and leaves edges without a weight exact", () => {
    const { output, leaves, exact } = fan(weights);
    leaves.forEach((node, i) => {
      const estimate = (random: Random) =>
        backward(output, 1, { space: numbers, random, cut: byWeight(2) }).get(node) ?? 0;
      expect(Math.abs(expectation(estimate, numbers) - exact[i]!)).toBeLessThanOrEqual(1e-12 * exact[i]!);
    });
    const asked: number[] = [];
    const record: Random = {
      bernoulli: (q) => asked.push(q) > 0,
      uniform: () => 1,
      fork: () => record,
    };
    backward(output, 1, { space: numbers, random: record, cut: byWeight(2) });
    expect(asked).toEqual([realised(Math.fround(0.2)), 0.5, 2 ** -24]);
  });

  test("refuses what is no weight and no budget", () => {
    const options = { space: numbers, random: independent(key(0)), cut: byWeight<number>(2) };
    expect(() => backward(fan([0.5, Number.NaN]).output, 1, options)).toThrow(
      'backward: edge "e1": byWeight: expected a finite weight of at least 0, got NaN',
    );
    expect(() => backward(fan([-1]).output, 1, options)).toThrow("got -1");
    for (const c of [0, -1, Number.NaN])
      expect(() => byWeight(c)).toThrow(`byWeight: expected c above 0, got ${c}`);
  });
});

describe("fanIn", () => {
  const weights = [3, 1, 0, 0.5, 8, 0.25];
  const sampled = (random: Random, design: keyof typeof designs, count: number) => {
    const { output, leaves } = fan(weights);
    const gradients = backward(output, 1, {
      space: numbers,
      random,
      fanIn: () => fanIn(designs[design], count),
    });
    return leaves.map((node) => gradients.get(node) ?? 0);
  };

  test("is unbiased over all outcomes of bernoulli", () => {
    const { leaves, output, exact } = fan(weights);
    leaves.forEach((node, i) => {
      const estimate = (random: Random) =>
        backward(output, 1, { space: numbers, random, fanIn: () => fanIn(designs.bernoulli, 2.5) }).get(
          node,
        ) ?? 0;
      expect(Math.abs(expectation(estimate, numbers) - exact[i]!)).toBeLessThanOrEqual(1e-12 * exact[i]!);
    });
  });

  test.each(["bernoulli", "systematic", "priority"] as const)(
    "is unbiased by %s (false alarm 1e-6)",
    (design) => {
      function* estimates() {
        for (let draw = 0; draw < 5000; draw++) yield sampled(independent(fold(key(1), draw)), design, 3);
      }
      const { worst, limit } = zScores(estimates(), fan(weights).exact);
      expect(worst).toBeLessThan(limit);
    },
  );

  test.each(["bernoulli", "systematic", "priority"] as const)(
    "keeps about as many as asked by %s",
    (design) => {
      const kept = Array.from(
        { length: 2000 },
        (_, draw) => sampled(independent(fold(key(2), draw)), design, 3).filter((g) => g !== 0).length,
      );
      const mean = kept.reduce((total, k) => total + k, 0) / kept.length;
      // At most 5 decisions, so a standard deviation below 1.2: 0.16 is beyond six standard errors.
      expect(Math.abs(mean - 3)).toBeLessThan(0.16);
      if (design !== "bernoulli") expect(new Set(kept)).toEqual(new Set([3]));
    },
  );

  test("keeps all edges that carry something, as they are, where there are no more than asked", () => {
    expect(sampled(independent(key(0)), "bernoulli", 5)).toEqual(fan(weights).exact);
    expect(sampled(independent(key(0)), "priority", 50)).toEqual(fan(weights).exact);
  });

  test("does not evaluate the edges it left out", () => {
    const calls: number[] = [];
    const edges = Array.from({ length: 1000 }, (_, i) => ({
      label: "e",
      weight: 1 / (1 + i),
      parents: [leaf(i)],
      pullback: (g: number) => [g * calls.push(i)],
    }));
    const random = independent(key(3));
    backward({ value: 0, edges }, 1, { space: numbers, random, fanIn: () => fanIn(designs.priority, 10) });
    expect(calls.length).toBe(10);
  });

  test("names the node's first edge where it fails", () => {
    const run = (weights: readonly (number | undefined)[], decide = fanIn<number>(designs.priority, 1)) =>
      backward(fan(weights).output, 1, { space: numbers, random: independent(key(0)), fanIn: () => decide });
    expect(() => run([1, undefined])).toThrow(
      'backward: fan-in with edge "e0": fanIn: expected a weight on every edge, "e1" has none',
    );
    expect(() => run([1, Number.NaN])).toThrow("fanIn: expected finite weights of at least 0, got NaN at 1");
    expect(() => run([1, 1], () => [1])).toThrow("expected 2 factors, one an edge, got 1");
    expect(() => run([1, 1], () => [1, Number.NaN])).toThrow("expected finite factors, got NaN at 1");
    expect(() => fanIn(designs.priority, -2)).toThrow("fanIn: expected a count above 0, got -2");
  });
});
