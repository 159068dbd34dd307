import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Row } from "../src/variance/results.ts";
import { sus, tiny, workFolder } from "./sus.ts";

/** A run, and the options of a measurement that takes no time. */
async function trained(): Promise<{ folder: string; out: string; quick: readonly string[] }> {
  const { folder, text, out } = await workFolder();
  expect(await sus("train", "--data", text, "--out", out, ...tiny).end()).toBe(0);
  const quick = ["--checkpoint", out, "--threads", "1", "--batches", "3", "--draws", "2"];
  return { folder, out, quick };
}

async function readRows(path: string): Promise<Row[]> {
  return (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
}

describe("sus variance", () => {
  test("writes rows, a table and a page", async () => {
    const { folder, quick } = await trained();
    const [json, html] = [join(folder, "rows.jsonl"), join(folder, "page.html")];
    const files = ["--json", json, "--html", html];
    const program = sus("variance", ...quick, ...files, "--kept", "2,3", "--context", "8,16");
    expect(await program.end(), program.stderr).toBe(0);
    expect(program.stderr).toMatch(/^1\/16 {2}paper, n = 8, kept=2: \d\.\d kept a row, .* %/m);
    expect(program.stderr).toContain("16/16");
    expect(program.stdout.split("\n")).toHaveLength(18);
    const rows = await readRows(json);
    expect(rows.filter(({ group }) => group === "all")).toHaveLength(16);
    for (const row of rows) {
      expect(row).toMatchObject({
        design: expect.stringMatching(/^(paper|bernoulli|priority|systematic)$/),
        n: expect.any(Number),
        kept: expect.any(Number),
        relativeVariance: expect.any(Number),
        standardError: expect.any(Number),
        group: expect.any(String),
      });
    }
    expect(await readFile(html, "utf8")).toContain("</html>");

    const again = sus("variance", ...quick, ...files, "--kept", "2,3", "--context", "8,16");
    expect(await again.end()).toBe(1);
    expect(again.stderr).toContain(`--json: expected a new file, ${json} exists; --resume goes on with it`);
  });

  test("stops after Ctrl-C and goes on with --resume", async () => {
    const { folder, quick } = await trained();
    const json = join(folder, "rows.jsonl");
    const args = ["variance", ...quick, "--json", json, "--designs", "priority", "--c", "2,3"];
    const first = sus(...args, "--draws", "400");
    await first.says("1/2");
    first.process.kill("SIGINT");
    expect(await first.end(), first.stderr).toBe(130);
    expect(first.stderr).toContain("Stopped. The same command with --resume goes on.");
    const before = await readFile(json, "utf8");
    const second = sus(...args, "--draws", "400", "--resume");
    await second.says("1/2");
    second.process.kill("SIGTERM");
    expect(await second.end()).toBe(130);
    expect(await readFile(json, "utf8")).toBe(before);
    const other = sus(...args, "--resume");
    expect(await other.end()).toBe(1);
    expect(other.stderr).toContain("--resume: expected the checkpoint, text and options");
  });

  test.each<readonly [args: readonly string[], code: number, message: string]>([
    [[], 2, "required option '--checkpoint <path>' not specified"],
    [
      ["--checkpoint", "none"],
      1,
      "--checkpoint: expected the folder of a run, or a .safetensors file, got none",
    ],
    [["--checkpoint", ".", "--c", "1,x"], 2, "--c: expected numbers above 0, with commas between them"],
    [["--checkpoint", ".", "--resume"], 2, "--resume: expected --json, the file to go on with"],
  ])("refuses %j", async (args, code, message) => {
    const program = sus("variance", ...args);
    expect(await program.end()).toBe(code);
    expect(program.stderr).toContain(message);
    expect(program.stderr).not.toContain("    at ");
  });
});
