import { describe, expect, expectTypeOf, test } from "vitest";
import { GraphError } from "../errors.ts";
import { independent, type Random } from "../random/random.ts";
import { fold, independentBits, key, resolution, toUniform } from "../random/uniform.ts";
import { float64 } from "../spaces.ts";
import { expectation } from "../testing/outcomes.ts";
import { type Design, inclusionProbability, type Sample } from "./design.ts";
import { type DesignName, designs } from "./index.ts";

const rows: readonly (readonly number[])[] = [
  [0.5, 0.25, 0.125, 0.125],
  [0.7, 0, 0.1, 0.2, 0],
  [1 / 3, 1 / 7, 1e-9, 0.3, 1e-30, 0.2],
  [3, 5, 1e-200],
  [1],
  [],
];
const cases = rows.flatMap((weights) => [0.3, 1, 2, 2.7].map((budget) => ({ weights, budget })));

function dense({ indices, estimates }: Sample, length: number): Float64Array {
  const row = new Float64Array(length);
  indices.forEach((j, k) => {
    row[j] = estimates[k]!;
  });
  return row;
}

function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<number>) {
  expect(actual.length).toBe(wanted.length);
  for (let j = 0; j < wanted.length; j++) {
    expect(Math.abs(actual[j]! - wanted[j]!)).toBeLessThanOrEqual(1e-12 * Math.max(wanted[j]!, 1e-300));
  }
}

/** Draws the given uniforms, one after the other. */
function draws(uniforms: readonly number[]): Random {
  let next = 0;
  const uniform = () => uniforms[next++]!;
  return { uniform, bernoulli: (q) => uniform() - resolution < q, fork: () => draws(uniforms) };
}

describe.each(Object.entries(designs))("%s", (name, design) => {
  test("refuses weights and budgets that have no meaning", () => {
    const random = independent(key(0));
    expect(() => design([1, Number.NaN], 1, random)).toThrow(
      `${name}: expected finite weights of at least 0, got NaN at 1`,
    );
    expect(() => design([-1], 1, random)).toThrow(GraphError);
    expect(() => design([Infinity], 1, random)).toThrow(GraphError);
    for (const budget of [0, -1, Number.NaN]) {
      expect(() => design([1], budget, random)).toThrow(`${name}: expected a budget above 0, got ${budget}`);
    }
  });

  test("lists what it kept in ascending order, never an entry of weight 0", () => {
    for (let seed = 0; seed < 200; seed++) {
      const weights = Float32Array.from({ length: 50 }, (_, j) =>
        j % 3 === 0 ? 0 : toUniform(independentBits(key(seed), j)) / 15,
      );
      const { indices, probabilities, estimates } = design(weights, 5, independent(fold(key(seed), 1)));
      expect([...indices]).toEqual([...indices].sort((a, b) => a - b));
      indices.forEach((j, k) => {
        expect(weights[j]).toBeGreaterThan(0);
        expect(probabilities[k]).toBeGreaterThan(0);
        expect(probabilities[k]).toBeLessThanOrEqual(1);
        expect(estimates[k]! * probabilities[k]!).toBeCloseTo(weights[j]!, 14);
      });
    }
  });

  test("keeps every positive entry exactly when the budget has room for all", () => {
    const weights = [0.2, 0, 0.3, 0.5];
    expect(dense(design(weights, Infinity, independent(key(0))), 4)).toEqual(Float64Array.from(weights));
  });
});

describe("bernoulli", () => {
  test.each(cases)("is unbiased over all outcomes: $weights at $budget", ({ weights, budget }) => {
    const row = (random: Random) => dense(designs.bernoulli(weights, budget, random), weights.length);
    expectClose(expectation(row, float64), weights);
  });

  test("keeps entry j by draw j alone", () => {
    const weights = Float32Array.from({ length: 100 }, (_, j) => (j % 4 === 0 ? 0 : 1 / j));
    const { indices } = designs.bernoulli(weights, 3, independent(key(5)));
    const wanted = [...weights.keys()].filter(
      (j) => toUniform(independentBits(key(5), j)) - resolution < inclusionProbability(weights[j]!, 3),
    );
    expect([...indices]).toEqual(wanted);
  });
});

describe("inclusionProbability", () => {
  test("is min(1, c·w) in single precision, rounded up to the generator's resolution", () => {
    expect(inclusionProbability(0.25, 2)).toBe(0.5);
    expect(inclusionProbability(0.75, 2)).toBe(1);
    expect(inclusionProbability(0, 2)).toBe(0);
    expect(inclusionProbability(1e-300, 2)).toBe(resolution);
  });

  test("is what single precision finds, for weights and budgets of either", () => {
    for (let j = 0; j < 1000; j++) {
      const weight = Math.fround(toUniform(independentBits(key(3), j)) / 3);
      const single = Math.fround(weight * Math.fround(2.7));
      expect(inclusionProbability(weight, 2.7)).toBe(Math.ceil(single * 2 ** 24) / 2 ** 24);
    }
  });
});

describe("systematic", () => {
  /** The mean over the one uniform: the sample changes only where a running sum of q passes a whole number. */
  function mean(weights: readonly number[], budget: number): Float64Array {
    const breaks = new Set([0]);
    let sum = 0;
    for (const weight of weights) {
      sum += inclusionProbability(weight, budget);
      breaks.add(Math.ceil(sum) - sum);
    }
    const starts = [...breaks].sort((a, b) => a - b);
    let total = new Float64Array(weights.length);
    starts.forEach((start, i) => {
      const length = (starts[i + 1] ?? 1) - start;
      const sample = designs.systematic(weights, budget, draws([start + resolution]));
      total = total.map((x, j) => x + length * dense(sample, weights.length)[j]!);
      // The other end of the piece gives the same sample.
      const end = designs.systematic(weights, budget, draws([start + length]));
      expect(end).toEqual(sample);
    });
    return total;
  }

  test.each(cases)("is unbiased over its uniform: $weights at $budget", ({ weights, budget }) => {
    expectClose(mean(weights, budget), weights);
  });

  test("keeps the sum of the probabilities, rounded up or down, with one draw", () => {
    for (let seed = 0; seed < 500; seed++) {
      const weights = Array.from({ length: 40 }, (_, j) => toUniform(independentBits(key(seed), j)) / 20);
      const sum = weights.reduce((total, w) => total + inclusionProbability(w, 7.3), 0);
      const { indices } = designs.systematic(
        weights,
        7.3,
        draws([toUniform(independentBits(key(seed), 99))]),
      );
      expect(Math.abs(indices.length - sum)).toBeLessThan(1);
    }
  });
});

describe("priority", () => {
  const uniformsOf = (seed: number, length: number) =>
    Array.from({ length }, (_, j) => toUniform(independentBits(key(seed), j)));

  /**
   * Entry j's mean over its own draw, the others' held: it is kept up to some u* (found by bisection) and its
   * estimate does not depend on u below it, so the integral over u is exact.
   */
  function conditionalMean(
    weights: readonly number[],
    budget: number,
    uniforms: readonly number[],
    j: number,
  ) {
    const estimate = (u: number) =>
      dense(designs.priority(weights, budget, draws(uniforms.with(j, u))), weights.length)[j]!;
    if (estimate(1) > 0) {
      expect(estimate(Number.MIN_VALUE * 2 ** 60)).toBe(estimate(1));
      return estimate(1);
    }
    let [kept, lost] = [2 ** -60, 1];
    while (kept < (kept + lost) / 2 && (kept + lost) / 2 < lost) {
      const middle = (kept + lost) / 2;
      if (estimate(middle) > 0) kept = middle;
      else lost = middle;
    }
    expect(estimate(kept)).toBe(estimate(kept / 3));
    return kept * estimate(kept);
  }

  test("is unbiased in every entry given any draws of the others", () => {
    for (const weights of [
      [0.6, 0.4],
      [0.5, 0.3, 0.2],
      [1e-6, 2, 3, 3],
      [0.1, 0.1, 0.1, 0.1, 0.6, 0],
    ]) {
      for (const budget of [1, 2, 3]) {
        for (let seed = 0; seed < 40; seed++) {
          const uniforms = uniformsOf(seed, weights.length);
          const means = weights.map((w, j) => (w === 0 ? 0 : conditionalMean(weights, budget, uniforms, j)));
          expectClose(means, weights);
        }
      }
    }
  });

  test("keeps exactly as many entries as the budget, or all positive ones, also among ties", () => {
    for (let seed = 0; seed < 300; seed++) {
      const weights = uniformsOf(seed, 30).map((u) => (u < 0.3 ? 0 : Math.ceil(u * 3)));
      const positive = weights.filter((w) => w > 0).length;
      for (const budget of [1, 5, 20, 30, 40]) {
        const coarse = uniformsOf(seed + 1000, 30).map((u) => Math.ceil(u * 4) / 4);
        const { indices } = designs.priority(weights, budget, draws(coarse));
        expect(indices.length).toBe(Math.min(budget, positive));
      }
    }
  });

  test("prefers the lower index among equal priorities", () => {
    const { indices, estimates } = designs.priority([1, 2, 1, 2], 2, draws([0.5, 1, 0.5, 1]));
    expect([...indices]).toEqual([0, 1]);
    expect([...estimates]).toEqual([2, 2]);
  });

  test("keeps the largest priorities by draw j of entry j", () => {
    const weights = [0.1, 0, 0.4, 0.3, 0.2];
    const priorities = weights.map((w, j) => w / toUniform(independentBits(key(8), j)));
    const [, , threshold] = priorities.toSorted((a, b) => b - a);
    const { indices, estimates, probabilities } = designs.priority(weights, 2, independent(key(8)));
    expect([...indices]).toEqual([0, 1, 2, 3, 4].filter((j) => priorities[j]! > threshold!));
    expect([...estimates]).toEqual([...indices].map((j) => Math.max(weights[j]!, threshold!)));
    expect([...probabilities]).toEqual([...indices].map((j) => Math.min(1, weights[j]! / threshold!)));
  });

  test("refuses a budget of half an entry", () => {
    expect(() => designs.priority([1], 1.5, independent(key(0)))).toThrow(
      "priority: expected a whole number of entries as the budget, got 1.5",
    );
  });
});

test("types", () => {
  expectTypeOf(designs).toEqualTypeOf<Readonly<Record<DesignName, Design>>>();
  expectTypeOf<Parameters<Design>[0]>().toEqualTypeOf<ArrayLike<number>>();
});
