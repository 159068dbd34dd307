import { describe, expect, test } from "vitest";
import { independent, type Random } from "../random/random.ts";
import { fold, key, resolution } from "../random/uniform.ts";
import { float64 } from "../spaces.ts";
import { expectation } from "../testing/outcomes.ts";
import { aboveBaseline } from "./baseline.ts";
import type { Sample } from "./design.ts";
import { designs } from "./index.ts";
import { multiplier } from "./multiplier.ts";
import { thin, twoStage } from "./two-stage.ts";

const weights = [0.4, 0.3, 0.15, 0.1, 0.05];
const importances = [0.2, 3, 0, 1, 10];

/** The row that a sample estimates, above a baseline. */
function rowOf(sample: Sample, beta: number): Float64Array {
  const row = new Float64Array(weights.length).fill(beta);
  aboveBaseline(sample, beta).forEach((above, e) => {
    const j = sample.indices[e]!;
    row[j] = row[j]! + above;
  });
  return row;
}

function expectUnbiased(estimate: (random: Random) => Float64Array): void {
  const mean = expectation(estimate, float64);
  mean.forEach((x, j) => {
    expect(Math.abs(x - weights[j]!)).toBeLessThanOrEqual(1e-12);
  });
}

describe.each([0, 0.1, -2])("over all outcomes of both stages, baseline %d", (beta) => {
  test.each([0.1, 1, 7, 1e6])("any λ leaves the estimates unbiased: %d", (lambda) => {
    for (const budget of [0.7, 3, 20]) {
      expectUnbiased((random) => {
        const first = designs.bernoulli(weights, budget, random);
        const factors = Array.from(first.indices, (j) => importances[j]!);
        return rowOf(thin(first, factors, lambda, random), beta);
      });
    }
  });

  test("so does the λ that is solved from the first stage", () => {
    for (const budget of [0.5, 1.5, 3]) {
      const options = { oversample: 2, importance: (j: number) => importances[j]! };
      expectUnbiased((random) => rowOf(twoStage(weights, budget, random, options), beta));
      expectUnbiased((random) => rowOf(twoStage(weights, budget, random), beta));
    }
  });
});

test("keeps the budget on average, given the first stage", () => {
  const many = Float64Array.from({ length: 300 }, (_, j) => 1 / (j + 1) / 6.3);
  const first = designs.bernoulli(many, 30, independent(key(1)));
  const lambda = multiplier(first.estimates, 10);
  let kept = 0;
  for (let seed = 0; seed < 2000; seed++) {
    kept += thin(
      first,
      new Float64Array(first.indices.length).fill(1),
      lambda,
      independent(fold(key(2), seed)),
    ).indices.length;
  }
  // A sum of independent decisions of variance below 10 each time: six standard errors.
  expect(Math.abs(kept / 2000 - 10)).toBeLessThan(6 * Math.sqrt(10 / 2000));
});

test("probabilities are those of both stages together", () => {
  const first = designs.bernoulli(weights, 2, independent(key(3)));
  const factors = Array.from(first.indices, (j) => importances[j]!);
  for (let seed = 0; seed < 50; seed++) {
    const { indices, probabilities, estimates } = thin(first, factors, 0.8, independent(fold(key(4), seed)));
    indices.forEach((j, e) => {
      expect(probabilities[e]! * estimates[e]!).toBeCloseTo(weights[j]!, 14);
      const q = Math.min(1, 2 * weights[j]!);
      const wanted = Math.min(q, Math.max(0.8 * importances[j]! * weights[j]!, q * resolution));
      expect(Math.abs(probabilities[e]! - wanted)).toBeLessThan(1e-6);
    });
  }
});

test("keeps all of a first stage that has no more than the budget", () => {
  const first = designs.bernoulli(weights, 30, independent(key(1)).fork(0));
  expect(twoStage(weights, 10, independent(key(1)))).toEqual(first);
});
