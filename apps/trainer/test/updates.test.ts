import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { updateRowSchema } from "../src/updates/rows.ts";
import { sus, workFolder } from "./sus.ts";

const quick: readonly string[] = [
  ...["--context", "16", "--layers", "1", "--heads", "2", "--width", "8", "--batch", "2"],
  ...["--c", "3", "--threads", "1", "--device", "wasm"],
];

describe("sus updates", () => {
  test("writes the rows it shows", async () => {
    const { folder, text } = await workFolder();
    const json = join(folder, "updates.jsonl");
    const options = ["--data", text, ...quick, "--steps", "8", "--at", "2,6", "--seeds", "2", "--json", json];
    const program = sus("updates", ...options, "--designs", "paper,top-k");
    expect(await program.end()).toBe(0);
    expect(program.stderr).toContain("order 2/2: step 6/6");
    const lines = program.stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^design +steps +group +kept +error of gradient/);
    // Two designs, two windows, all and seven parts.
    expect(lines).toHaveLength(1 + 2 * 2 * 8);
    const rows = (await readFile(json, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => updateRowSchema.parse(JSON.parse(line)));
    const again = sus("updates", ...options);
    expect(await again.end()).toBe(1);
    expect(again.stderr).toContain(`sus: --json: expected a new file, ${json} exists`);
    const { error, signal } = rows.find(
      (row) => row.design === "top-k" && row.from === 3 && row.group === "query" && row.stage === "update",
    )!;
    const shown = lines.find((line) => /^top-k +3–6 +query/.test(line))!;
    const cells = shown.split(/ {2,}/);
    expect(Number.parseFloat(cells[6]!)).toBeCloseTo(100 * error, 0);
    expect(Number.parseFloat(cells[8]!)).toBeCloseTo(100 * signal!, 0);
  });

  test("stops after Ctrl-C, and keeps the orders that are done", async () => {
    const { folder, text } = await workFolder();
    const json = join(folder, "updates.jsonl");
    const plan = ["--designs", "paper", "--steps", "400", "--at", "1,400", "--seeds", "9", "--json", json];
    const program = sus("updates", "--data", text, ...quick, ...plan);
    await program.says("order 3/9: step 1/400");
    program.process.kill("SIGINT");
    expect(await program.end()).toBe(130);
    expect(program.stderr).toContain("Stopped after 2 of 9 orders.");
    const [row] = (await readFile(json, "utf8")).split("\n");
    expect(JSON.parse(row!)).toMatchObject({ design: "paper", from: 1, to: 1, orders: 2 });
  });

  test("says what is wrong before anything is computed", async () => {
    const { folder, text } = await workFolder();
    const json = join(folder, "updates.jsonl");
    const program = sus("updates", "--data", text, "--json", json, "--at", "7,3");
    expect(await program.end()).toBe(2);
    expect(program.stderr).toContain("sus: --at: expected rising numbers of at most --steps (550), got 7,3");
    await expect(stat(json)).rejects.toThrow("ENOENT");
    const nowhere = sus(
      "updates",
      "--data",
      text,
      ...quick,
      "--steps",
      "4",
      "--json",
      join(text, "rows.jsonl"),
    );
    expect(await nowhere.end()).toBe(1);
    expect(nowhere.stderr).toContain("sus: --json: expected a file that can be written");
    expect(nowhere.stderr).not.toContain("order 1");
  });
});
