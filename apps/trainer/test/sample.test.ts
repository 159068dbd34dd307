import { describe, expect, test } from "vitest";
import { sus, tiny, workFolder } from "./sus.ts";

describe("sus sample", () => {
  test("writes text, the same for the same seed", async () => {
    const { text, out } = await workFolder();
    expect(await sus("train", "--data", text, "--out", out, ...tiny).end()).toBe(0);
    const sample = async (...args: string[]) => {
      const program = sus("sample", out, "--prompt", "Ab", "--length", "20", ...args);
      expect(await program.end(), program.stderr).toBe(0);
      return program.stdout;
    };
    const first = await sample();
    expect(first.startsWith("Ab")).toBe(true);
    expect(first.length).toBeGreaterThan(10);
    expect(await sample()).toBe(first);
    expect(await sample("--seed", "2")).not.toBe(first);
    expect(await sample("--temperature", "0", "--window", "4")).toBe(
      await sample("--top-k", "1", "--window", "4"),
    );
  });

  test.each<readonly [name: string, args: readonly string[], code: number, message: string]>([
    ["no folder", [], 2, "missing required argument 'folder'"],
    ["a folder without a run", ["."], 1, "<folder>: expected the folder of a run, got .: no such file"],
    [
      "a negative temperature",
      [".", "--temperature", "-1"],
      2,
      "--temperature: expected a number of at least 0, got -1",
    ],
    ["no candidates", [".", "--top-k", "0"], 2, "--top-k: expected a whole number of at least 1, got 0"],
  ])("refuses %s", async (_, args, code, message) => {
    const program = sus("sample", ...args);
    expect(await program.end()).toBe(code);
    expect(program.stderr).toContain(message);
    expect(program.stderr).not.toContain("    at ");
  });
});

test("--help lists the options on standard output", async () => {
  const program = sus("train", "--help");
  expect(await program.end()).toBe(0);
  expect(program.stdout).toContain("--learning-rate <rate>");
  expect(program.stdout).toMatch(
    /bernoulli,\s+systematic,\s+priority,\s+bernoulli-all,\s+systematic-all,\s+two-stage,\s+two-stage-full,\s+two-stage-all,\s+paper,[^(]*top-k\s+\(default:\s+bernoulli\)/,
  );
  expect(await sus("--help").end()).toBe(0);
  expect(await sus().end()).toBe(2);
  expect(await sus("trian").end()).toBe(2);
});
