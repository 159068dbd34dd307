import { expect, test } from "vitest";
import { outcomes } from "../testing/index.ts";
import { choose } from "./choose.ts";
import { designs } from "./index.ts";

const equal = [1, 1, 1];

/** The mean of the factor of each entry over all outcomes: 1 where the choice is unbiased. */
function meanFactors(weights: readonly number[], count: number): number[] {
  const means = weights.map(() => 0);
  const run = (random: Parameters<typeof choose>[4]) =>
    choose("test", designs.bernoulli, Float64Array.from(weights), count, random);
  for (const { probability, value } of outcomes(run)) {
    value.indices.forEach((j, k) => {
      means[j]! += probability * value.factors[k]!;
    });
  }
  return means;
}

test.each([
  ["at the upper end of float64", [1e308, 1e308, 1e308]],
  ["at the lower end of float64", [1e-320, 1e-320, 1e-320]],
  ["of all magnitudes", [1e308, 1, 1e-320]],
])("weights %s are chosen without bias", (_, weights) => {
  for (const mean of meanFactors(weights, 1)) expect(mean).toBeCloseTo(1, 12);
});

test("only the ratios of the weights matter", () => {
  const chosen = (scale: number) =>
    [
      ...outcomes((random) =>
        choose(
          "test",
          designs.bernoulli,
          Float64Array.from(equal, (w) => w * scale),
          1,
          random,
        ),
      ),
    ].map(({ probability, value }) => [probability, ...value.factors]);
  expect(chosen(1e300)).toEqual(chosen(1));
});
