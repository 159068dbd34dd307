import { resolveConfig } from "@sus/attention";
import { fold, independent, key, type Random } from "@sus/graph";
import { naturalVariance, relativeVariance as reference } from "@sus/graph/testing";
import { describe, expect, test } from "vitest";
import { byGroup, partition, squares } from "../model/partition.ts";
import {
  biasShare,
  biasSlope,
  type Distances,
  relativeVariance,
  varianceRatio,
} from "./relative-variance.ts";
import { SquaredDistances } from "./squared-distances.ts";

/** A model of few parameters, all of which are taken together here. */
const whole = partition(
  resolveConfig({ vocabulary: 2, context: 4, layers: 1, heads: 1, width: 2, hidden: 2 }),
);

function normals(random: Random, count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(random.uniform())) * Math.cos(2 * Math.PI * random.uniform()),
  );
}

interface World {
  readonly batches: number;
  readonly draws: number;
  /** Standard deviation of what sampling adds, in units of the data's. */
  readonly noise: number;
  readonly bias?: number;
}

/** Gradients whose coordinates differ in size, and estimates of them whose noise differs from batch to batch. */
function simulate({ batches, draws, noise, bias = 0 }: World, random: Random): Distances {
  const { size } = whole;
  const spread = Float32Array.from({ length: size }, (_, i) => 1 / (1 + i / 4));
  const vector = () => normals(random, size).map((x, i) => x * spread[i]!);
  const exact = Array.from({ length: batches }, () => vector().map((x) => x + 0.2));
  const mean = exact[0]!.map((_, i) => exact.reduce((sum, g) => sum + g[i]!, 0) / batches);
  const all = (values: Float64Array) => byGroup(whole, values)[0]!;
  const levels = exact.map((g, batch) => {
    const distances = new SquaredDistances(whole, g);
    // Of mean square 1 over batches.
    const scale = noise * Math.sqrt(0.5 + (batch % 3) / 2);
    for (let draw = 0; draw < draws; draw++) distances.add(vector().map((x, i) => g[i]! + bias + scale * x));
    return distances.levels.map(all);
  });
  return {
    sampling: levels[0]!.map((_, level) => levels.map((of) => of[level]!)),
    exact: exact.map((g) => all(squares(whole, g))),
    data: exact.map((g) => all(squares(whole, g, mean))),
  };
}

/** How often intervals from fresh data hold the true value: 300 times, so within 5 of 100 of its probability. */
function coverage(
  world: World,
  truth: number,
  interval: (distances: Distances) => { low: number; high: number },
) {
  let held = 0;
  for (let trial = 0; trial < 300; trial++) {
    const { low, high } = interval(simulate(world, independent(fold(key(2), trial))));
    if (low <= truth && truth <= high) held++;
  }
  return held / 300;
}

describe("SquaredDistances", () => {
  test("are those of the means of 1, 2 and 4 estimates", () => {
    const distances = new SquaredDistances(whole, new Float32Array(whole.size).fill(1));
    const all = () => distances.levels.map((level) => byGroup(whole, level)[0]! / whole.size);
    for (const value of [1, 3, 5, 7, 9]) distances.add(new Float32Array(whole.size).fill(value));
    // Distances 0, 2, 4, 6, 8 of single ones, 1 and 5 of pairs, 3 of four.
    expect(all()).toEqual([(0 + 4 + 16 + 36 + 64) / 5, (1 + 25) / 2, 9]);
  });
});

describe("relativeVariance", () => {
  test("is what the graph's instruments find, but for the jackknife's correction", () => {
    const gradients = [
      [1, 2],
      [3, 1],
      [2, 6],
      [0, 0],
    ];
    const mean = [1.5, 2.25];
    const estimates = gradients.map((g) => g.map((x, i) => x + [0.1, -0.2][i]!));
    const natural = naturalVariance(gradients);
    const values = gradients.map((g, b) => reference([estimates[b]!], g, natural).value);
    const square = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0);
    const found = relativeVariance({
      sampling: [gradients.map((g, b) => square(estimates[b]!, g))],
      exact: gradients.map((g) => square(g, [0, 0])),
      data: gradients.map((g) => square(g, mean)),
    })!;
    // Equal noise in all batches: only the variance of the data is uncertain, and its leave-one-out values are these.
    const logs = gradients.map((_, out) =>
      Math.log(0.05 / naturalVariance(gradients.filter((__, b) => b !== out))),
    );
    const corrected = 4 * Math.log(values[0]!) - (3 * logs.reduce((sum, x) => sum + x, 0)) / 4;
    expect(found.value).toBeCloseTo(Math.exp(corrected), 10);
    expect(found.standardError).toBeGreaterThan(0);
  });

  test("its interval holds the true value 95 times in 100", () => {
    const share = coverage({ batches: 9, draws: 2, noise: 0.2 }, 0.04, (d) => relativeVariance(d)!);
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.99);
  });

  test("its interval holds the true value where few of many batches were sampled", () => {
    const sampled = [0, 4, 5, 8, 9, 13];
    const share = coverage(
      { batches: 15, draws: 2, noise: 0.2 },
      0.04,
      ({ sampling, exact, data }) =>
        relativeVariance({ sampling: [sampled.map((batch) => sampling[0]![batch]!)], exact, data, sampled })!,
    );
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.995);
  });

  test("is 0 where nothing was sampled, and nothing where the data do not vary", () => {
    const distances = { sampling: [[0, 0, 0]], exact: [1, 1, 1], data: [1, 2, 3] };
    expect(relativeVariance(distances)).toEqual({ value: 0, standardError: 0, low: 0, high: 0 });
    expect(relativeVariance({ ...distances, data: [0, 0, 0] })).toBeNull();
  });

  test("two estimators on the same batches compare better than each is known", () => {
    const { sampling } = simulate({ batches: 9, draws: 4, noise: 0.2 }, independent(key(3)));
    const half = sampling[0]!.map((x, batch) => x * (0.5 + 0.01 * (batch % 2)));
    const ratio = varianceRatio(half, sampling[0]!);
    expect(ratio.value).toBeCloseTo(0.505, 2);
    expect(ratio.high - ratio.low).toBeLessThan(0.02);
  });
});

describe("bias", () => {
  const unbiased: World = { batches: 6, draws: 16, noise: 0.3 };

  test("the distance of unbiased estimates falls as 1/√R", () => {
    const slope = coverage(unbiased, -0.5, (d) => biasSlope(d)!);
    expect(slope).toBeGreaterThan(0.9);
    expect(slope).toBeLessThan(0.99);
    const share = coverage(unbiased, 0, (d) => biasShare(d)!);
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.99);
  });

  test("is found where there is one", () => {
    const distances = simulate({ ...unbiased, bias: 0.3 }, independent(key(4)));
    expect(biasSlope(distances)!.low).toBeGreaterThan(-0.4);
    const square = whole.size * 0.3 ** 2;
    const { low, high } = biasShare(distances)!;
    const gradient = distances.exact.reduce((sum, x) => sum + x, 0) / 6;
    expect(low * gradient).toBeGreaterThan(0.5 * square);
    expect(high * gradient).toBeLessThan(1.5 * square);
  });

  test("is not judged by single draws", () => {
    const distances = simulate({ ...unbiased, draws: 1 }, independent(key(5)));
    expect(biasSlope(distances)).toBeNull();
    expect(biasShare(distances)).toBeNull();
  });
});
