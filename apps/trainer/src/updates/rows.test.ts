import { resolveConfig } from "@sus/attention";
import { expect, test } from "vitest";
import { partition } from "../model/partition.ts";
import { type StageSums, updateRows, type WindowSums } from "./rows.ts";

const { groups } = partition(
  resolveConfig({ vocabulary: 5, context: 4, layers: 1, heads: 2, width: 4, hidden: 8 }),
);
const facts = { design: "bernoulli", c: 3, from: 1, to: 10, groups };

/** Of an order in which all groups have the same sums. */
function window(noise: number, along: number, kept: number, data = 4, exactAlong = 5): WindowSums {
  const all = (value: number) => new Float64Array(groups.length).fill(value);
  const sums = (scale: number): StageSums => ({
    ...{ noise: all(noise * scale), data: all(data) },
    ...{ sampledAlong: all(along), exactAlong: all(exactAlong) },
  });
  return { stages: { gradient: sums(1), momentum: sums(2), update: sums(3) }, kept };
}

test("noise is a share of the variance of the data, signal of what batches agree on", () => {
  const rows = updateRows(facts, [window(1, 5, 2), window(1, 5, 4)]);
  const noises = rows.filter(({ group }) => group === "query").map(({ stage, noise }) => [stage, noise]);
  expect(noises).toEqual([
    ["gradient", expect.closeTo(0.5)],
    ["momentum", expect.closeTo(1)],
    ["update", expect.closeTo(1.5)],
  ]);
  for (const row of rows) {
    expect(row).toMatchObject({ design: "bernoulli", c: 3, kept: 3, from: 1, to: 10, orders: 2 });
    // Orders that agree leave no doubt.
    expect(row.noiseHigh - row.noiseLow).toBeCloseTo(0);
    expect([row.signal, row.signalLow, row.signalHigh]).toEqual(Array(3).fill(expect.closeTo(1)));
  }
  expect(rows.some(({ group }) => group === "layers.0.query")).toBe(true);
  expect(rows.some(({ group }) => group.includes("heads"))).toBe(false);
});

test("orders that differ leave doubt, and are weighed by what they have", () => {
  // One order has nine times the other's variance: its ratio counts nine times.
  const rows = updateRows(facts, [window(1, 4, 2, 2, 4), window(27, 18, 2, 18, 36)]);
  const [row] = rows.filter(({ stage, group }) => stage === "gradient" && group === "all");
  expect(row!.noiseLow).toBeLessThan(28 / 10);
  expect(row!.noiseHigh).toBeGreaterThan(28 / 10);
  expect(row!.signalLow).toBeLessThan(22 / 40);
  expect(row!.signalHigh).toBeGreaterThan(22 / 40);
  // With two orders the jackknife is θ₁₂ twice less the mean of θ₁ and θ₂, of noise in logarithms.
  expect(row!.signal).toBeCloseTo(2 * (22 / 40) - (1 + 0.5) / 2);
  expect(row!.noise).toBeCloseTo(Math.exp(2 * Math.log(2.8) - (Math.log(1) + Math.log(3)) / 2));
});

test("what the data do not move has no row", () => {
  expect(updateRows(facts, [window(1, 5, 2, 0), window(1, 5, 2, 0)])).toEqual([]);
  expect(updateRows(facts, [window(1, 5, 2, 4, 0), window(1, 5, 2, 4, 0)])).toEqual([]);
});
