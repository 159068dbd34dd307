import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLosses, sus, tiny, workFolder } from "./sus.ts";

const everyFile = ["checkpoint.safetensors", "config.json", "log.jsonl", "report.html", "summary.json"];

describe("sus train", () => {
  test("leaves a run folder with every file and says where", async () => {
    const { text, out } = await workFolder();
    const program = sus("train", "--data", text, "--out", out, ...tiny);
    expect(await program.end(), program.stderr).toBe(0);
    expect(program.stderr).toMatch(/step 1\/4, \d\.\d\d bits per byte, .* tokens\/s, .* left\n/);
    expect(program.stderr).toContain("step 4/4");
    expect(program.stdout).toContain(`Report: ${join(out, "report.html")}`);
    expect(await readdir(out)).toEqual(everyFile);
    const summary = JSON.parse(await readFile(join(out, "summary.json"), "utf8"));
    expect(summary).toEqual({
      context: 16,
      c: 3,
      design: "bernoulli",
      exactFirst: 1,
      device: expect.stringContaining("wasm"),
      threads: 1,
      steps: 4,
      tokens: 128,
      parameters: expect.any(Number),
      bitsPerByte: { heldOutBefore: expect.any(Number), heldOutAfter: expect.any(Number) },
      keptPerRow: expect.any(Number),
      cutShare: expect.any(Number),
      extraVariance: null,
      milliseconds: {
        step: expect.any(Number),
        attentionForward: expect.any(Number),
        attentionBackward: expect.any(Number),
        attentionBackwardExact: expect.any(Number),
      },
    });
    expect(summary.keptPerRow).toBeGreaterThan(1);
    expect(summary.keptPerRow).toBeLessThan(3.5);
    expect(summary.milliseconds.attentionForward).toBeGreaterThan(0);
    expect(summary.milliseconds.attentionBackward).toBeGreaterThan(0);
    expect(summary.milliseconds.step).toBeGreaterThan(summary.milliseconds.attentionForward);
    expect((await readLosses(out)).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  test("writes the same losses for the same seed, bit for bit, and others for another", async () => {
    const { folder, text } = await workFolder();
    const runs = [];
    for (const [name, seed] of Object.entries({ a: "5", b: "5", c: "6" })) {
      const out = join(folder, name);
      const program = sus("train", "--data", text, "--out", out, ...tiny, "--seed", seed);
      expect(await program.end(), program.stderr).toBe(0);
      runs.push(await readLosses(out));
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  test("accepts bytes that are not UTF-8, and says so", async () => {
    const { text, out } = await workFolder();
    await writeFile(
      text,
      Uint8Array.from({ length: 500 }, (_, i) => 128 + (i % 100)),
    );
    const program = sus("train", "--data", text, "--out", out, ...tiny);
    expect(await program.end(), program.stderr).toBe(0);
    expect(program.stderr).toContain(`note: ${text}: not valid UTF-8`);
  });

  test("replaces a run with --overwrite, and only then", async () => {
    const { text, out } = await workFolder();
    const again = () => sus("train", "--data", text, "--out", out, ...tiny, "--overwrite");
    expect(await again().end()).toBe(0);
    await writeFile(join(out, "notes.txt"), "mine");
    const log = await readFile(join(out, "log.jsonl"));
    const refused = sus("train", "--data", text, "--out", out, ...tiny);
    expect(await refused.end()).toBe(1);
    expect(refused.stderr).toContain("is not empty; --overwrite replaces the run in it");
    expect(await readFile(join(out, "log.jsonl"))).toEqual(log);
    expect(await again().end()).toBe(0);
    expect(await readdir(out)).toEqual([...everyFile, "notes.txt"].sort());
  });
});

describe("Ctrl-C", () => {
  test("stops after the step with everything written, twice over, and the run goes on from there", async () => {
    const { text, out } = await workFolder();
    const endless = ["--steps", "1000000", "--warm-up", "10"];
    const first = sus("train", "--data", text, "--out", out, ...tiny, ...endless);
    await first.says("step 1/1000000");
    first.process.kill("SIGINT");
    expect(await first.end(), first.stderr).toBe(130);
    expect(first.stderr).toContain("Stopping after this step");
    expect(first.stdout).toContain(`To go on: sus train --resume ${out}`);
    expect(await readdir(out)).toEqual(everyFile);
    const before = await readLosses(out);
    expect(before.length).toBeGreaterThan(0);

    const second = sus("train", "--resume", out, "--threads", "1");
    await second.says(`step ${before.length + 1}/1000000`);
    second.process.kill("SIGTERM");
    expect(await second.end(), second.stderr).toBe(130);
    const after = await readLosses(out);
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.slice(0, before.length)).toEqual(before);
    const summary = JSON.parse(await readFile(join(out, "summary.json"), "utf8"));
    expect(summary.steps).toBe(after.length);
    expect(summary.bitsPerByte.heldOutAfter).toBe(after.at(-1)!.heldOut);
    expect(summary.milliseconds.attentionBackwardExact).toBeNull();
  });
});
