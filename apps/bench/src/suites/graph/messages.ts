import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DesignName, fold, type Key, key } from "@sus/graph";
import {
  createParameters,
  cutFanIn,
  drawAsked,
  gradientOf,
  leavesOf,
  lossOf,
  train,
} from "../../../../../docs/graphs/messages.ts";
import { type Package, packagesOf } from "../../../../../docs/graphs/packages.ts";
import type { Worked } from "./worked.ts";

/** Packages asked for a step. */
export const asked = 128;

/** The packages of this workspace's own lock file, with all that is up to four steps below each. */
export function workspacePackages(): readonly Package[] {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "pnpm-lock.yaml"))) folder = dirname(folder);
  return packagesOf(readFileSync(join(folder, "pnpm-lock.yaml"), "utf8"), 4);
}

/** Message passing after some exact steps; the budget is the number of messages kept into a package. */
export function messages(budget: number, warmUp: number, design: DesignName = "systematic"): Worked {
  const packages = workspacePackages();
  const parameters = createParameters(key(0));
  for (const _ of train(packages, parameters, { steps: warmUp, asked, seed: 0 })) void _;
  const leaves = leavesOf(parameters);
  const batch = (random: Key) => lossOf(packages, drawAsked(packages, asked, random), leaves);
  const loss = batch(key(1));
  const fanIn = cutFanIn(design, budget);
  const sum = (count: (messages: number) => number) =>
    packages.reduce((total, { below }) => total + count(below.length), 0);
  return {
    name: "messages",
    budget,
    kept: sum((n) => Math.min(n, budget)) / sum((n) => n),
    forward: () => void batch(key(1)),
    pullBack: (random) => void gradientOf(loss, leaves, random && { fanIn, random }),
    gradient: (random) => gradientOf(loss, leaves, random && { fanIn, random }),
    gradientOfBatch: (index) => gradientOf(batch(fold(key(2), index)), leaves),
    [Symbol.dispose]: () => {},
  };
}
