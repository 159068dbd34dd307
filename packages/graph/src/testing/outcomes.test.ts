import { expect, test } from "vitest";
import { GraphError } from "../errors.ts";
import type { Random } from "../random/random.ts";
import { float64, numbers } from "../spaces.ts";
import { expectation, outcomes } from "./outcomes.ts";

test("walks every outcome once, with probabilities that add up to one", () => {
  const run = (random: Random) => [random.bernoulli(0.25), random.fork(7).bernoulli(0.5)];
  expect([...outcomes(run)]).toEqual([
    { probability: 0.125, value: [true, true] },
    { probability: 0.125, value: [true, false] },
    { probability: 0.375, value: [false, true] },
    { probability: 0.375, value: [false, false] },
  ]);
});

test("follows code whose later decisions depend on earlier ones", () => {
  const run = (random: Random) => {
    let steps = 0;
    while (steps < 4 && random.bernoulli(0.5)) steps++;
    return steps;
  };
  expect([...outcomes(run)].map(({ value }) => value)).toEqual([4, 3, 2, 1, 0]);
  expect(expectation(run, numbers)).toBe(0.5 + 0.25 + 0.125 + 0.0625);
});

test("does not branch at 0 and 1", () => {
  const run = (random: Random) => [random.bernoulli(0), random.bernoulli(1)];
  expect([...outcomes(run)]).toEqual([{ probability: 1, value: [false, true] }]);
});

test("sums vectors and drops what it is given", () => {
  let live = 0;
  const counted = (v: Float64Array) => {
    live++;
    return v;
  };
  const space = {
    add: (a: Float64Array, b: Float64Array) => counted(float64.add(a, b)),
    scale: (v: Float64Array, factor: number) => counted(float64.scale(v, factor)),
    drop: () => {
      live--;
    },
  };
  const mean = expectation((random) => counted(Float64Array.of(random.bernoulli(0.5) ? 4 : 0, 1)), space);
  expect([...mean]).toEqual([2, 1]);
  expect(live).toBe(1);
});

test("refuses what it cannot walk", () => {
  expect(() => [...outcomes((random) => random.uniform())]).toThrow(GraphError);
  expect(() => [...outcomes((random) => random.bernoulli(1.5))]).toThrow(
    "outcomes: expected a probability in [0, 1], got 1.5",
  );
  let runs = 0;
  expect(() => [...outcomes((random) => random.bernoulli(runs++ === 0 ? 0.5 : 0.25))]).toThrow(
    "outcomes: expected decision 1 at 0.5 as before, got 0.25",
  );
  expect(() => [...outcomes((random) => [random.bernoulli(0.5), random.bernoulli(0.5)], 3)]).toThrow(
    "outcomes: expected at most 3 outcomes, there are more",
  );
});
