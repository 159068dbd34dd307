import { expect, test } from "vitest";
import { type SolveOptions, solveBudget } from "./budget.ts";

/** Solves for what a function keeps, and counts how often it was asked. */
async function solve(wanted: number, kept: (c: number) => number, options: SolveOptions) {
  let calls = 0;
  const budget = await solveBudget(
    wanted,
    async (c) => {
      calls++;
      return kept(c);
    },
    options,
  );
  return { ...budget, calls };
}

/** Rows of weights that fall as 1/j: those of Zipf's law, as attention's nearly do. */
const zipf = (c: number) => {
  const total = Math.log(1000) + 0.5772;
  return Array.from({ length: 1000 }, (_, j) => Math.min(1, c / total / (j + 1))).reduce((a, b) => a + b);
};

test.each([3, 8, 30, 128, 500, 900])("finds the budget that keeps %d in a few steps", async (wanted) => {
  const { kept, calls } = await solve(wanted, zipf, { whole: false });
  expect(Math.abs(kept / wanted - 1)).toBeLessThanOrEqual(0.01);
  expect(calls).toBeLessThan(12);
});

test("finds the whole budget next to what is wanted", async () => {
  expect(await solve(29.6, (c) => Math.min(c, 400), { whole: true })).toMatchObject({ c: 30, kept: 30 });
  expect(await solve(2.4, (c) => c, { whole: true })).toMatchObject({ c: 2 });
  expect((await solve(7.3, (c) => 0.7 * c, { whole: true })).kept).toBeCloseTo(7, 10);
});

test("copes with steps and with slopes far from those of a power law", async () => {
  const steps = await solve(30, (c) => Math.ceil(c / 5) * 5 - 1, { whole: false });
  expect(Math.abs(steps.kept - 30)).toBeLessThanOrEqual(1);
  expect((await solve(30, (c) => 40 * (1 - Math.exp(-((c / 100) ** 3))), { whole: false })).kept).toBeCloseTo(
    30,
    0,
  );
});
