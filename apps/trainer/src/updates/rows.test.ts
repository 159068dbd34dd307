import { resolveConfig } from "@sus/attention";
import { expect, test } from "vitest";
import { partition } from "../model/partition.ts";
import { type StageSums, updateRowSchema, updateRows, type WindowSums } from "./rows.ts";

const { groups } = partition(
  resolveConfig({ vocabulary: 5, context: 4, layers: 1, heads: 2, width: 4, hidden: 8 }),
);
const facts = { design: "bernoulli", c: 3, from: 1, to: 10, groups };

/** Of an order in which all groups have the same sums. */
function window(error: number, along: number, kept: number, data = 4, exactAlong = 5): WindowSums {
  const all = (value: number) => new Float64Array(groups.length).fill(value);
  const sums = (scale: number): StageSums => ({
    ...{ error: all(error * scale), data: all(data) },
    ...{ sampledAlong: all(along), exactAlong: all(exactAlong) },
  });
  return { stages: { gradient: sums(1), momentum: sums(2), update: sums(3) }, kept };
}

test("error is a share of the variance of the data, signal of what batches agree on", () => {
  const rows = updateRows(facts, [window(1, 5, 2), window(1, 5, 4)]);
  const errors = rows.filter(({ group }) => group === "query").map(({ stage, error }) => [stage, error]);
  expect(errors).toEqual([
    ["gradient", expect.closeTo(0.5)],
    ["momentum", expect.closeTo(1)],
    ["update", expect.closeTo(1.5)],
  ]);
  for (const row of rows) {
    expect(row).toMatchObject({ design: "bernoulli", c: 3, kept: 3, from: 1, to: 10, orders: 2 });
    // Orders that agree leave no doubt.
    expect(row.errorHigh - row.errorLow).toBeCloseTo(0);
    expect([row.signal, row.signalLow, row.signalHigh]).toEqual(Array(3).fill(expect.closeTo(1)));
  }
  expect(rows.some(({ group }) => group === "layers.0.query")).toBe(true);
  expect(rows.some(({ group }) => group.includes("heads"))).toBe(false);
});

test("orders that differ leave doubt, and are weighed by what they have", () => {
  // One order has nine times the other's variance: its ratio counts nine times.
  const rows = updateRows(facts, [window(1, 4, 2, 2, 4), window(27, 18, 2, 18, 36)]);
  const [row] = rows.filter(({ stage, group }) => stage === "gradient" && group === "all");
  expect(row!.errorLow).toBeLessThan(28 / 10);
  expect(row!.errorHigh).toBeGreaterThan(28 / 10);
  expect(row!.signalLow).toBeLessThan(22 / 40);
  expect(row!.signalHigh).toBeGreaterThan(22 / 40);
  // With two orders the jackknife is θ₁₂ twice less the mean of θ₁ and θ₂, of error in logarithms.
  expect(row!.signal).toBeCloseTo(2 * (22 / 40) - (1 + 0.5) / 2);
  expect(row!.error).toBeCloseTo(Math.exp(2 * Math.log(2.8) - (Math.log(1) + Math.log(3)) / 2));
});

test("what the data do not move has no row, and what batches do not agree on no signal", () => {
  expect(updateRows(facts, [window(1, 5, 2, 0), window(1, 5, 2, 0)])).toEqual([]);
  const rows = updateRows(facts, [window(1, 5, 2), window(1, 5, 2, 4, -1)]);
  expect(rows).not.toEqual([]);
  for (const row of rows) {
    expect([row.signal, row.signalLow, row.signalHigh]).toEqual([null, null, null]);
    expect(updateRowSchema.parse(row).error).toBeGreaterThan(0);
  }
});

test("an error that only one order has gets a finite interval", () => {
  const rows = updateRows(facts, [window(0, 5, 2), window(1, 5, 2), window(0, 5, 2)]);
  for (const row of rows) expect(updateRowSchema.parse(JSON.parse(JSON.stringify(row)))).toEqual(row);
  expect(rows[0]!.error).toBeCloseTo(1 / 6);
  for (const { error, errorLow, errorHigh } of updateRows(facts, [window(0, 5, 2), window(0, 5, 2)])) {
    expect([error, errorLow, errorHigh]).toEqual([0, 0, 0]);
  }
});
