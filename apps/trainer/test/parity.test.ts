import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sus, tiny, workFolder } from "./sus.ts";

/** The options of a tiny run without those that a plan sets itself. */
const quick: readonly string[] = [
  ...tiny.filter((_, i) => tiny[i] !== "--c" && tiny[i - 1] !== "--c"),
  "--c",
  "3",
];

describe("sus parity", () => {
  test("compares arms, stops after Ctrl-C, and goes on", async () => {
    const { text, out } = await workFolder();
    const plan = ["--data", text, "--out", out, ...quick, "--seeds", "2", "--designs", "priority"];
    const first = sus("parity", ...plan, "--steps", "1500", "--evaluate-every", "500");
    await first.says("1/4  exact, order 1: ");
    first.process.kill("SIGINT");
    expect(await first.end(), first.stderr).toBe(130);
    expect(first.stdout).toContain(`of 4 runs. To go on: sus parity --out ${out} --resume`);
    const exact = join(out, "exact", "1-1", "log.jsonl");
    const log = await readFile(exact);

    const second = sus("parity", "--out", out, "--resume");
    expect(await second.end(), second.stderr).toBe(0);
    expect(second.stderr).toContain("4/4  priority, c = 3, order 2: ");
    expect(second.stdout).toMatch(/^arm +runs +steps/);
    expect(second.stdout).toMatch(
      /priority, c = 3 +2 +1500 .* [+−]0\.\d{4} \([+−]\d\.\d{4} … [+−]\d\.\d{4}\)/,
    );
    expect(second.stdout).toContain(`Report: ${join(out, "report.html")}`);
    expect(await readFile(exact)).toEqual(log);
    expect(await readdir(out)).toEqual([
      ...["exact", "parity.json", "priority-c-3", "report.html", "results.jsonl"],
    ]);
  });

  test("shows the progress of the run at hand, whose length is its own", async () => {
    const { text, out } = await workFolder();
    const plan = ["--data", text, "--out", out, ...quick, "--seeds", "2", "--designs", "paper"];
    const program = sus("parity", ...plan, "--exact-steps", "2");
    expect(await program.end(), program.stderr).toBe(0);
    const shown = program.stderr.match(/^step \d+\/\d+|^\d\/6 {2}[^:]+/gm);
    const run = (steps: number, name: string) => [`step 1/${steps}`, `step ${steps}/${steps}`, name];
    expect(shown).toEqual(
      [1, 2].flatMap((order) => [
        ...run(4, `${3 * order - 2}/6  exact, order ${order}`),
        ...run(4, `${3 * order - 1}/6  paper, c = 3, order ${order}`),
        ...run(2, `${3 * order}/6  exact, 2 steps, order ${order}`),
      ]),
    );
  });

  test.each<readonly [args: readonly string[], code: number, message: string]>([
    [[], 2, "required option '--out <folder>' not specified"],
    [["--out", "none", "--resume"], 1, "--resume: expected the folder of sus parity in --out, got none"],
    [["--out", ".", "--seeds", "1"], 2, "--seeds: expected a whole number of at least 2, got 1"],
    [["--out", ".", "--designs", "best"], 2, "--designs: expected one of bernoulli"],
    [["--out", "."], 1, "--out: expected a new or an empty folder, . is not empty"],
  ])("refuses %j", async (args, code, message) => {
    const program = sus("parity", ...args);
    expect(await program.end()).toBe(code);
    expect(program.stderr).toContain(message);
    expect(program.stderr).not.toContain("    at ");
  });
});
