import { expect, test } from "vitest";
import type { Random } from "../random/random.ts";
import { float64 } from "../spaces.ts";
import { expectation } from "../testing/outcomes.ts";
import { aboveBaseline, harmonicMean } from "./baseline.ts";
import { designs } from "./index.ts";

test("the harmonic mean", () => {
  expect(harmonicMean([0.5, 0.25, 0.25])).toBeCloseTo(0.3, 15);
  expect(harmonicMean([2])).toBe(2);
  expect(harmonicMean([0.5, 0])).toBe(0);
});

const weights = [0.5, 0.25, 0.125, 0.125];

/** The estimate of every weight of the row: the baseline, and above it where an entry was kept. */
function estimateOf(budget: number, beta: number, random: Random): Float64Array {
  const sample = designs.bernoulli(weights, budget, random);
  const row = new Float64Array(weights.length).fill(beta);
  aboveBaseline(sample, beta).forEach((above, e) => {
    const j = sample.indices[e]!;
    row[j] = row[j]! + above;
  });
  return row;
}

test.each([-1, 0, 0.1, harmonicMean(weights), 7])(
  "any baseline leaves the estimates unbiased: %d",
  (beta) => {
    for (const budget of [0.3, 1, 2.7, 9]) {
      const mean = expectation((random) => estimateOf(budget, beta, random), float64);
      mean.forEach((x, j) => {
        expect(Math.abs(x - weights[j]!)).toBeLessThanOrEqual(1e-12);
      });
    }
  },
);

test("no other baseline has less variance than about the harmonic mean", () => {
  const varianceAt = (beta: number) => {
    const squares = (random: Random) => estimateOf(1, beta, random).map((x, j) => (x - weights[j]!) ** 2);
    return expectation(squares, float64).reduce((sum, x) => sum + x, 0);
  };
  // Of Σ (w − β)²/q with q ∝ w the minimum is where Σ (w − β)/w = 0; (1 − q) moves it little.
  const best = harmonicMean(weights);
  for (const factor of [0, 0.5, 1.5, 2]) expect(varianceAt(best)).toBeLessThan(varianceAt(factor * best));
});
