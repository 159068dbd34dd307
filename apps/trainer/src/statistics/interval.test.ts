import { fold, independent, key, type Random } from "@sus/graph";
import { describe, expect, test } from "vitest";
import { type Interval, jackknife, meanInterval, positiveJackknife } from "./interval.ts";
import { studentQuantile } from "./student.ts";

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

const normals = (random: Random, count: number) => Array.from({ length: count }, () => normal(random));

/** How often an interval from fresh data holds the true value. */
function coverage(trials: number, truth: number, interval: (random: Random) => Interval): number {
  let held = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { low, high } = interval(independent(fold(key(1), trial)));
    if (low <= truth && truth <= high) held++;
  }
  return held / trials;
}

/** 0.95 within 4.5 standard deviations of a binomial share of 2000, and half a percent for approximate intervals. */
const right = (share: number) => {
  expect(share).toBeGreaterThan(0.95 - 0.022 - 0.005);
  expect(share).toBeLessThan(0.95 + 0.022 + 0.005);
};

test("Student's quantiles are those of the tables", () => {
  const table = {
    1: 12.7062,
    2: 4.30265,
    3: 3.18245,
    4: 2.77645,
    7: 2.36462,
    10: 2.22814,
    15: 2.13145,
    200: 1.9719,
  };
  for (const [degrees, t] of Object.entries(table)) {
    expect(studentQuantile(0.95, Number(degrees))).toBeCloseTo(t, 4);
  }
  expect(studentQuantile(0.99, 5)).toBeCloseTo(4.03214, 4);
});

describe("meanInterval", () => {
  test("is the mean and Student's interval around it", () => {
    const { value, standardError, low, high } = meanInterval([1, 2, 6]);
    expect(value).toBe(3);
    expect(standardError).toBeCloseTo(Math.sqrt(7 / 3), 12);
    expect(high - 3).toBeCloseTo(4.30265 * Math.sqrt(7 / 3), 4);
    expect(low).toBeCloseTo(6 - high, 12);
  });

  test("of one value has no bounds", () => {
    expect(meanInterval([2])).toEqual({ value: 2, standardError: Infinity, low: -Infinity, high: Infinity });
  });

  test("holds the mean of a normal distribution 95 times in 100", () => {
    right(coverage(2000, 3, (random) => meanInterval(normals(random, 5).map((x) => 3 + 2 * x))));
  });
});

describe("jackknife", () => {
  test("of the mean is the mean's own interval", () => {
    const values = [1, 2, 6, 4];
    const mean = (without: number | null) => {
      const used = values.filter((_, i) => i !== without);
      return used.reduce((sum, x) => sum + x, 0) / used.length;
    };
    const [got, wanted] = [jackknife(4, mean), meanInterval(values)];
    for (const field of ["value", "standardError", "low", "high"] as const) {
      expect(got[field]).toBeCloseTo(wanted[field], 12);
    }
  });

  test("holds a ratio of means 95 times in 100", () => {
    // Numerators and denominators that vary together, as batches do: of a hard one both are large.
    const interval = (random: Random) => {
      const units = Array.from({ length: 12 }, () => {
        const [common, own, other] = normals(random, 3) as [number, number, number];
        return [2 * Math.exp(0.3 * common + 0.2 * own), Math.exp(0.3 * common + 0.2 * other)] as const;
      });
      return positiveJackknife(units.length, (without) => {
        const used = units.filter((_, unit) => unit !== without);
        return used.reduce((sum, [x]) => sum + x, 0) / used.reduce((sum, [, y]) => sum + y, 0);
      });
    };
    right(coverage(2000, 2, interval));
  });

  test("knows an estimate of 0 exactly", () => {
    expect(positiveJackknife(3, () => 0)).toEqual({ value: 0, standardError: 0, low: 0, high: 0 });
  });
});
