import { describe, expect, test, vi } from "vitest";
import { type BackwardOptions, backward } from "../backward.ts";
import { type Edge, leaf, type Node, operation } from "../node.ts";
import { independent, type Random, realised } from "../random/random.ts";
import { fold, key } from "../random/uniform.ts";
import { numbers } from "../spaces.ts";
import { expectation } from "../testing/outcomes.ts";
import { zScores } from "../testing/statistics.ts";
import { bernoulli } from "./bernoulli.ts";
import type { Cut } from "./cut.ts";
import { roulette } from "./roulette.ts";

const times = (label: string, node: Node<number>, slope: number) =>
  operation(label, slope * node.value, [node], (g) => [slope * g]);
const sum = (label: string, ...parents: Node<number>[]) =>
  operation(
    label,
    parents.reduce((total, { value }) => total + value, 0),
    parents,
    (g) => parents.map(() => g),
  );
const product = (label: string, a: Node<number>, b: Node<number>) =>
  operation(label, a.value * b.value, [a, b], (g) => [g * b.value, g * a.value]);

/** The graphs whose every edge is cut, with the leaves to look at. */
const graphs: Record<string, () => { output: Node<number>; leaves: Node<number>[] }> = {
  "one edge": () => {
    const x = leaf(3);
    return { output: times("a", x, 7), leaves: [x] };
  },
  "nested cuts on a chain": () => {
    const x = leaf(3);
    return { output: times("a", times("b", times("c", x, 7), -2), 0.3), leaves: [x] };
  },
  "a diamond": () => {
    const x = leaf(3);
    return { output: sum("a", times("b", x, 2), times("c", x, 5)), leaves: [x] };
  },
  "a shared subgraph": () => {
    const x = leaf(3);
    const y = leaf(-1.5);
    const shared = times("d", product("e", x, y), 1 / 3);
    return { output: product("a", times("b", shared, 4), product("c", shared, x)), leaves: [x, y] };
  },
  "edges with several parents, one of them twice": () => {
    const x = leaf(3);
    const y = leaf(4);
    return { output: product("a", product("b", x, x), sum("c", y, x, y)), leaves: [x, y] };
  },
  "several edges of one node": () => {
    const [x, y] = [leaf(3), leaf(4)];
    const edges: Edge<number>[] = [
      { label: "b", parents: [x], pullback: (g) => [2 * g] },
      { label: "c", parents: [y, x], pullback: (g) => [g, -g] },
      { label: "d", parents: [y], pullback: (g) => [0.7 * g] },
    ];
    return { output: times("a", { value: 1, edges }, 5), leaves: [x, y] };
  },
};

/** The largest distance of the exact expectation from the exact gradient, over all leaves. */
function bias(
  { output, leaves }: { output: Node<number>; leaves: Node<number>[] },
  options: Partial<BackwardOptions<number>>,
): number {
  const exact = backward(output, 1.25, { space: numbers });
  const errors = leaves.map((node) => {
    const estimate = (random: Random) =>
      backward(output, 1.25, { space: numbers, ...options, random }).get(node) ?? 0;
    return Math.abs(expectation(estimate, numbers) - exact.get(node)!) / Math.abs(exact.get(node)!);
  });
  return Math.max(...errors);
}

const probabilities: Record<string, number> = { a: 0.9, b: 0.35, c: 1 / 3, d: 0.6, e: 1e-3 };

describe.each(Object.entries(graphs))("unbiased: %s", (_, build) => {
  test("every edge by roulette, small cotangents rather than large ones", () => {
    const survival = (g: number) => Math.min(1, 0.05 + Math.abs(g) / 8);
    expect(bias(build(), { cut: () => roulette(survival) })).toBeLessThan(1e-12);
  });

  test("every node by a joint decision, on top of every edge", () => {
    const sharesOne = (edges: readonly Edge<number>[], random: Random) => {
      const first = random.bernoulli(0.25);
      return edges.map((_, i) => (i === 0 ? (first ? 4 : 0) : first ? 0 : 4 / 3));
    };
    expect(bias(build(), { fanIn: () => sharesOne })).toBeLessThan(1e-12);
    expect(bias(build(), { fanIn: () => sharesOne, cut: () => bernoulli(0.75) })).toBeLessThan(1e-12);
  });

  test("every edge by bernoulli", () => {
    expect(bias(build(), { cut: ({ label }) => bernoulli(probabilities[label]!) })).toBeLessThan(1e-12);
  });

  test.each(["a", "b", "c", "d", "e"])("only %s by bernoulli", (only) => {
    const cut = ({ label }: Edge<number>) => (label === only ? bernoulli<number>(0.37) : undefined);
    expect(bias(build(), { cut })).toBeLessThan(1e-12);
  });
});

describe("bernoulli", () => {
  test.each([0, -0.1, 1.0000001, Number.NaN, Infinity])("refuses the probability %s", (q) => {
    expect(() => bernoulli(q)).toThrow(`bernoulli: expected a probability in (0, 1], got ${q}`);
  });

  test("divides by the probability that a decision really has", () => {
    const cut = bernoulli<number>(1e-9);
    const always: Random = { bernoulli: () => true, uniform: () => 1, fork: () => always };
    expect(cut(3, always, numbers)).toBe(3 / realised(1e-9));
  });

  test("names the edge whose cut failed", () => {
    expect(() =>
      backward(times("attend", leaf(1), 2), 1, {
        space: numbers,
        random: independent(key(0)),
        cut: () => bernoulli(2),
      }),
    ).toThrow('backward: edge "attend": bernoulli: expected a probability in (0, 1], got 2');
  });
});

describe("roulette", () => {
  test("names the edge where the survival is no probability", () => {
    const cut = () => roulette<number>((g) => g);
    expect(() =>
      backward(times("step", leaf(1), 2), 7, { space: numbers, random: independent(key(0)), cut }),
    ).toThrow('backward: edge "step": roulette: expected a probability in (0, 1], got 7');
  });
});

test("nothing behind a cut edge is evaluated, unless another path leads there", () => {
  const calls: string[] = [];
  const traced = (label: string, ...parents: Node<number>[]) =>
    operation(label, 1, parents, (g: number) => {
      calls.push(label);
      return parents.map(() => g);
    });
  const x = leaf(1);
  const shared = traced("shared", x);
  const output = traced("output", traced("cut", traced("behind", shared)), traced("open", shared));
  const asked = vi.fn(({ label }: Edge<number>) => (label === "cut" ? () => null : undefined));
  const random = independent(key(0));
  expect(backward(output, 1, { space: numbers, cut: asked, random }).get(x)).toBe(1);
  expect(calls.sort()).toEqual(["open", "output", "shared"]);
  expect(asked.mock.calls.map(([{ label }]) => label)).not.toContain("behind");
});

test("what one edge decides does not shift the draws of another", () => {
  const leaves = Array.from({ length: 200 }, (_, i) => leaf(i));
  const edges = leaves.map((node, i) => ({ label: `${i}`, parents: [node], pullback: (g: number) => [g] }));
  const side = times("side", times("long", times("long", leaf(1), 1), 1), 1);
  const output = sum("sum", { value: 0, edges }, side);
  const reached = (cut: (edge: Edge<number>) => Cut<number> | undefined) => {
    const gradients = backward(output, 1, { space: numbers, random: independent(key(7)), cut });
    return leaves.map((node) => gradients.has(node));
  };
  const half = bernoulli<number>(0.5);
  const all = reached(() => half);
  expect(all).toContain(true);
  expect(all).toContain(false);
  // The side branch is pruned, or uncut, and any edge is alone in being cut.
  expect(
    reached(({ label }) => (label === "side" ? () => null : Number(label) >= 0 ? half : undefined)),
  ).toEqual(all);
  leaves.forEach((_, i) => {
    expect(reached(({ label }) => (label === `${i}` ? half : undefined))[i]).toBe(all[i]);
  });
});

test("cuts and joint decisions along one path are independent (false alarm 1e-6)", () => {
  const x = leaf(1);
  const halves = (parent: Node<number>): Node<number> => ({
    value: 1,
    edges: [0, 1].map((i) => ({ label: `${i}`, weight: 0.5, parents: [parent], pullback: (g) => [g / 2] })),
  });
  const output = halves(halves(x));
  function* estimates() {
    for (let draw = 0; draw < 20_000; draw++) {
      const gradients = backward(output, 1, {
        space: numbers,
        random: independent(fold(key(6), draw)),
        fanIn: () => (edges, random) => edges.map(() => (random.bernoulli(0.5) ? 2 : 0)),
        cut: () => bernoulli(0.5),
      });
      yield [gradients.get(x) ?? 0];
    }
  }
  const { worst, limit } = zScores(estimates(), [1]);
  expect(worst).toBeLessThan(limit);
});

test("the same random numbers give the same estimate, others another", () => {
  const x = leaf(1);
  const edges = Array.from({ length: 50 }, () => ({
    label: "e",
    parents: [x],
    pullback: (g: number) => [g],
  }));
  const run = (seed: number) =>
    backward({ value: 1, edges }, 1, {
      space: numbers,
      random: independent(key(seed)),
      cut: () => bernoulli(0.5),
    }).get(x);
  expect(run(1)).toBe(run(1));
  expect(run(1)).not.toBe(run(2));
});
