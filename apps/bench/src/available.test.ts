import type { Suite } from "@sus/bench-harness";
import { expect, test } from "vitest";
import { availableSuites, planOf } from "./available.ts";
import { UnavailableError } from "./errors.ts";

const suite = (name: string, reason?: string): Suite => ({
  name,
  description: name,
  minutes: 0.5,
  unavailable: async () => reason,
  async *rows() {},
});
const { unavailable: _, ...stepSuite } = suite("step");
const slow: Suite = { ...stepSuite, name: "graph-training", minutes: 9.6, onlyNamed: true };
const every: readonly Suite[] = [suite("dense"), suite("webgpu", "there is no GPU"), stepSuite, slow];
const noGpu = "webgpu: skipped, there is no GPU";

async function choose(
  suites: readonly string[],
  all = false,
): Promise<readonly [names: string[], skipped: string[]]> {
  const skipped: string[] = [];
  const available = await availableSuites(every, { suites, all }, (message) => skipped.push(message));
  return [available.map(({ name }) => name), skipped];
}

test("without names every suite that can run does, but the slow ones, and the others are told of", async () => {
  const tooSlow = "graph-training: skipped, it takes 10 min; name it, or say --all";
  expect(await choose([])).toEqual([
    ["dense", "step"],
    [noGpu, tooSlow],
  ]);
  expect(await choose([], true)).toEqual([["dense", "step", "graph-training"], [noGpu]]);
});

test("a suite that was asked for and can't run is an error, others are not looked at", async () => {
  await expect(choose(["dense", "webgpu"])).rejects.toThrow(UnavailableError);
  await expect(choose(["webgpu"])).rejects.toThrow("webgpu: there is no GPU");
  expect(await choose(["step", "graph-training"])).toEqual([["step", "graph-training"], []]);
});

test("the plan says how long it takes, but for a quick look", () => {
  expect(planOf([stepSuite, slow], false)).toBe(
    "step (30 s), graph-training (10 min): about 10 min in all, on two cores with nothing else to do.",
  );
  expect(planOf([stepSuite], true)).toBe("A quick look at step.");
});
