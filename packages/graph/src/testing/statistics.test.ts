import { describe, expect, test } from "vitest";
import { backward } from "../backward.ts";
import { bernoulli } from "../cuts/bernoulli.ts";
import { designs } from "../designs/index.ts";
import { leaf, operation } from "../node.ts";
import { independent, rotation } from "../random/random.ts";
import { fold, key } from "../random/uniform.ts";
import { numbers } from "../spaces.ts";
import { naturalVariance, relativeVariance, zScores } from "./statistics.ts";

describe("relativeVariance", () => {
  test("is the mean squared distance over the natural variance, with its standard error", () => {
    const estimates = [
      [1, 2],
      [3, 2],
      [1, 5],
    ];
    // Squared distances from (1, 2): 0, 4, 9. In units of 2: mean 13/6, variance 61/12.
    const { value, standardError } = relativeVariance(estimates, [1, 2], 2);
    expect(value).toBeCloseTo(13 / 6, 14);
    expect(standardError).toBeCloseTo(Math.sqrt(61 / 12 / 3), 14);
  });

  test("of a single estimate has no scatter", () => {
    expect(relativeVariance([[3]], [1], 2)).toEqual({ value: 2, standardError: 0 });
  });

  test("refuses what it cannot compare", () => {
    expect(() => relativeVariance([], [1], 1)).toThrow(
      "relativeVariance: expected at least 1 estimate, got none",
    );
    expect(() => relativeVariance([[1, 2]], [1], 1)).toThrow(
      "relativeVariance: expected vectors of length 1, got one of length 2",
    );
    expect(() => relativeVariance([[1]], [1], 0)).toThrow(
      "relativeVariance: expected a natural variance above 0, got 0",
    );
  });

  test("of bernoulli(q) is 1/q − 1", () => {
    const x = leaf(3);
    const output = operation("scale", 6, [x], (g: number) => [2 * g]);
    function* estimates() {
      for (let draw = 0; draw < 20_000; draw++) {
        const random = independent(fold(key(5), draw));
        yield [backward(output, 1, { space: numbers, random, cut: () => bernoulli(0.25) }).get(x) ?? 0];
      }
    }
    const { value, standardError } = relativeVariance(estimates(), [2], 4);
    // Beyond six standard errors once in 5e8 runs; the seed is fixed.
    expect(Math.abs(value - 3)).toBeLessThan(6 * standardError);
    expect(standardError).toBeLessThan(0.1);
  });
});

test("naturalVariance adds up the unbiased variances of the coordinates", () => {
  expect(
    naturalVariance([
      [1, 10],
      [3, 10],
      [2, 16],
    ]),
  ).toBeCloseTo(1 + 12, 12);
  expect(() => naturalVariance([[1]])).toThrow("naturalVariance: expected at least 2 gradients, got 1");
});

describe("zScores", () => {
  const weights = [0.5, 0.2, 0.15, 0.1, 0.05];

  function* samples(name: keyof typeof designs, stream: typeof independent, count: number) {
    for (let draw = 0; draw < count; draw++) {
      const { indices, estimates } = designs[name](weights, 2, stream(fold(key(11), draw)));
      const row = new Float64Array(weights.length);
      indices.forEach((j, k) => {
        row[j] = estimates[k]!;
      });
      yield row;
    }
  }

  test.each([
    ["bernoulli", independent],
    ["bernoulli", rotation],
    ["systematic", independent],
    ["priority", independent],
  ] as const)("finds no bias in %s, with a false-alarm rate of 1e-6", (name, stream) => {
    const { worst, limit } = zScores(samples(name, stream, 20_000), weights);
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(limit);
  });

  test("finds a bias of five percent in one coordinate", () => {
    const { scores, limit } = zScores(
      samples("bernoulli", independent, 20_000),
      weights.with(1, weights[1]! * 1.05),
    );
    expect(scores[1]!).toBeLessThan(-limit);
    expect(scores[2]!).toBeLessThan(limit);
  });

  test("scores in standard errors, and constants by equality", () => {
    const { scores, worst } = zScores(
      [
        [1, 0.1, 4],
        [3, 0.1, 4],
      ],
      [1, 0.1, 5],
    );
    expect([...scores]).toEqual([1, 0, -Infinity]);
    expect(worst).toBe(Infinity);
  });

  test("has a limit above the exact quantile of the normal distribution", () => {
    const estimates = [[0], [1]];
    // Two-sided quantiles: 4.892 at 1e-6, 1.960 at 0.05.
    expect(zScores(estimates, [0]).limit).toBeCloseTo(5.257, 3);
    expect(zScores(estimates, [0], 0.05).limit).toBeGreaterThan(1.96);
    // Two coordinates at 1e-6 are one at 5e-7.
    const pairs = [
      [0, 0],
      [1, 1],
    ];
    expect(zScores(pairs, [0, 0]).limit).toBe(zScores(estimates, [0], 5e-7).limit);
  });

  test("needs two estimates", () => {
    expect(() => zScores([[1]], [1])).toThrow("zScores: expected at least 2 estimates, got 1");
  });
});
