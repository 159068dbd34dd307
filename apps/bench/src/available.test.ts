import type { Suite } from "@sus/bench-harness";
import { expect, test } from "vitest";
import { availableSuites } from "./available.ts";
import { UnavailableError } from "./errors.ts";

const suite = (name: string, reason?: string): Suite => ({
  name,
  description: name,
  unavailable: async () => reason,
  async *rows() {},
});
const { unavailable: _, ...stepSuite } = suite("step");
const all: readonly Suite[] = [suite("dense"), suite("webgpu", "there is no GPU"), stepSuite];

async function choose(...asked: string[]): Promise<readonly [names: string[], skipped: string[]]> {
  const skipped: string[] = [];
  const available = await availableSuites(all, asked, (message) => skipped.push(message));
  return [available.map(({ name }) => name), skipped];
}

test("without names every suite that can run does, and the others are told of", async () => {
  expect(await choose()).toEqual([["dense", "step"], ["webgpu: skipped, there is no GPU"]]);
});

test("a suite that was asked for and can't run is an error, others are not looked at", async () => {
  await expect(choose("dense", "webgpu")).rejects.toThrow(UnavailableError);
  await expect(choose("webgpu")).rejects.toThrow("webgpu: there is no GPU");
  expect(await choose("step")).toEqual([["step"], []]);
});
