import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { readResults, saveResults, writePage } from "./folder.ts";
import type { Results } from "./lines.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sus-bench-"));
});
afterEach(() => rm(root, { recursive: true }));

const resultsOf = (suite: string, ms: number): Results => ({
  ...{ suite, description: "a suite", date: "2026-11-24", quick: true },
  ...{ processor: "A processor", cores: 2, memoryGiB: 4, runtime: "Node 24", load: 0 },
  rows: [{ suite, n: 1024, estimator: "exact", stepMs: ms }],
});

test("a suite that runs again takes the place of its earlier results, others stay", async () => {
  const folder = join(root, "results");
  for (const [suite, ms] of [
    ["sparse", 1],
    ["step", 2],
    ["step", 3],
  ] as const)
    await saveResults(folder, resultsOf(suite, ms));
  const all = await readResults(folder);
  expect([...all.keys()]).toEqual(["sparse", "step"]);
  expect(all.get("step")).toEqual(resultsOf("step", 3));
});

test("the page is written beside the folder, its charts into it", async () => {
  const folder = join(root, "results");
  await saveResults(folder, resultsOf("step", 2));
  expect(await writePage(folder)).toBe(`${folder}.md`);
  expect(await writePage(`${folder}/`)).toBe(`${folder}.md`);
  expect(await readdir(folder)).toEqual(["step.jsonl", "step.svg"]);
  expect(await readFile(`${folder}.md`, "utf8")).toContain("results/step.svg");
});

test("what can't be put in place leaves nothing behind", async () => {
  await mkdir(join(root, "step.jsonl", "in-the-way"), { recursive: true });
  await expect(saveResults(root, resultsOf("step", 1))).rejects.toThrow();
  expect(await readdir(root)).toEqual(["step.jsonl"]);
});

test("without results, or with a file that holds none, it says so", async () => {
  await expect(writePage(join(root, "missing"))).rejects.toThrow("got no .jsonl files");
  await writeFile(join(root, "step.jsonl"), "{");
  await expect(writePage(root)).rejects.toThrow(join(root, "step.jsonl"));
  await expect(writePage(root)).rejects.toThrow(InputError);
});
