import { access, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { Program, readLosses, sus, tiny, workFolder } from "./sus.ts";

/** Options that are wrong in one way, the exit code, and a part of the message. */
type Case = readonly [name: string, args: readonly string[], code: number, message: string];

describe("sus train refuses", () => {
  test.each<Case>([
    ["an unknown option", ["--contxt", "16"], 2, "unknown option '--contxt'"],
    ["an option without its value", ["--heads"], 2, "option '--heads <number>' argument missing"],
    ["a word for a number", ["--heads", "two"], 2, "--heads: expected a whole number of at least 1, got two"],
    ["a number out of range", ["--held-out", "1"], 2, "--held-out: expected a number between 0 and 1, got 1"],
    [
      "an unknown design",
      ["--design", "best"],
      2,
      "--design: expected one of bernoulli, systematic, priority, bernoulli-all",
    ],
    ["an unknown device", ["--device", "gpu"], 2, "--device: expected one of auto, wasm, webgpu, got gpu"],
    ["an argument", ["extra"], 2, "too many arguments"],
    [
      "a width the heads do not divide",
      ["--width", "9"],
      1,
      "--width: expected a multiple of --heads (2), got 9",
    ],
    [
      "an odd head width with rotary positions",
      ["--width", "6"],
      1,
      "--width: expected an even width a head",
    ],
    [
      "a text shorter than the context",
      ["--context", "2000"],
      1,
      "--context: expected at most 1999 for a text of 4000",
    ],
    [
      "a model beyond the memory",
      ["--width", "100000"],
      1,
      "--width or --layers: expected a run of at most 4.0 GiB",
    ],
    [
      "a batch beyond the memory",
      ["--batch", "1000000000"],
      1,
      "--context or --batch: expected a run of at most",
    ],
    ["a warm-up beyond the end", ["--warm-up", "9"], 1, "--warm-up: expected at most --steps (4), got 9"],
    [
      "a learning rate that diverges",
      ["--learning-rate", "1e38", "--warm-up", "0"],
      1,
      "--learning-rate: the loss is no longer a number",
    ],
  ])("%s", async (_, args, code, message) => {
    const { folder, text, out } = await workFolder();
    const program = sus("train", "--data", text, "--out", out, ...tiny, ...args);
    expect(await program.end()).toBe(code);
    expect(program.stderr).toContain(message);
    expect(program.stderr).not.toContain("    at ");
    expect(program.stdout).toBe("");
    if (!message.startsWith("--learning-rate")) expect(await readdir(folder)).toEqual(["text.txt"]);
  });

  test("text that is missing, unreadable or empty", async () => {
    const { folder, out } = await workFolder();
    await symlink(join(folder, "circle"), join(folder, "circle"));
    await writeFile(join(folder, "empty.txt"), "");
    await mkdir(join(folder, "none"));
    for (const [name, message] of [
      ["missing.txt", "no such file or directory"],
      ["circle", "too many symbolic links"],
      ["empty.txt", "--data: expected text"],
      ["none", "--data: expected text"],
    ] as const) {
      const program = sus("train", "--data", join(folder, name), "--out", out, ...tiny);
      expect(await program.end()).toBe(1);
      expect(program.stderr).toMatch(/^sus: --data: expected /);
      expect(program.stderr).toContain(message);
    }
    await expect(access(out)).rejects.toThrow("ENOENT");
  });

  test("an out folder that is in use, is a file, or cannot be made", async () => {
    const { folder, text } = await workFolder();
    for (const [out, message] of [
      [folder, "is not empty; --overwrite replaces the run in it"],
      [text, "not a directory"],
      [join(text, "run"), "not a directory"],
    ] as const) {
      const program = sus("train", "--data", text, "--out", out, ...tiny);
      expect(await program.end()).toBe(1);
      expect(program.stderr).toMatch(/^sus: --out: expected /);
      expect(program.stderr).toContain(message);
    }
    expect(await readdir(folder)).toEqual(["text.txt"]);
  });

  test("to go on where there is no run, with other options, or with another text", async () => {
    const { folder, text, out } = await workFolder();
    const resume = async (...args: string[]) => {
      const program = sus("train", "--resume", ...args);
      return [await program.end(), program.stderr] as const;
    };
    expect(await resume(folder)).toEqual([
      1,
      expect.stringContaining("--resume: expected the folder of a run"),
    ]);
    expect(await resume(out, "--steps", "5")).toEqual([
      2,
      expect.stringContaining("--steps: expected only --device and"),
    ]);
    expect(await resume(out, "--overwrite")).toEqual([
      2,
      expect.stringContaining("--overwrite: expected only"),
    ]);
    expect(await sus("train", "--data", text, "--out", out, ...tiny).end()).toBe(0);
    expect(await resume(out)).toEqual([1, expect.stringContaining("has done all 4")]);
    expect(await resume(out, "--threads", "0")).toEqual([
      2,
      expect.stringContaining("--threads: expected a whole number"),
    ]);
    const config = await readFile(join(out, "config.json"), "utf8");
    const wider = config.replace('"width": 8', '"width": 12').replace('"steps": 4', '"steps": 5');
    await writeFile(join(out, "config.json"), wider);
    const misfit =
      "the checkpoint does not fit config.json: expected embedding of shape [256, 12], got [256, 8]";
    expect(await resume(out)).toEqual([1, expect.stringContaining(misfit)]);
    await writeFile(join(out, "config.json"), config.replace('"steps": 4', '"steps": 5'));
    await writeFile(text, "something else ".repeat(50));
    expect(await resume(out)).toEqual([1, expect.stringContaining("it has changed since")]);
  });
});

/** Runs `sus` where no file can be longer than so many blocks, as if the disk were full there. */
function limited(blocks: number, ...args: readonly string[]): Program {
  const command = [`ulimit -f ${blocks}; exec "$@"`, "sh", process.execPath, inject("cli")];
  return new Program("sh", ["-c", ...command, ...args]);
}

describe("a full disk is an error that names the file; what is written is whole", () => {
  const refused = (path: string) =>
    `sus: --out: expected a folder that can be written, ${path}: file too large`;

  test("where the checkpoint does not fit", async () => {
    const { text, out } = await workFolder();
    const program = limited(64, "train", "--data", text, "--out", out, ...tiny, "--width", "64");
    expect(await program.end()).toBe(1);
    expect(program.stderr).toContain(refused(join(out, "checkpoint.safetensors")));
    // A run without a checkpoint could not go on: it leaves nothing that looks as if it could.
    await expect(access(out)).rejects.toThrow("ENOENT");
  });

  test("where a line of the log does not fit", async () => {
    const { text, out } = await workFolder();
    const program = limited(2, "train", "--data", text, "--out", out, ...tiny, "--steps", "40");
    expect(await program.end()).toBe(1);
    expect(program.stderr).toContain(refused(join(out, "log.jsonl")));
    await expect(access(out)).rejects.toThrow("ENOENT");
  });

  test("where a checkpoint fits but its successor's log does not, it says how to go on", async () => {
    const { text, out } = await workFolder();
    const often = ["--steps", "4000", "--checkpoint-every", "5", "--evaluate-every", "4000"];
    const program = limited(128, "train", "--data", text, "--out", out, ...tiny, ...often);
    expect(await program.end()).toBe(1);
    const [, step] = /To go on from step (\d+): sus train --resume (.*)\n/.exec(program.stderr)!;
    expect(Number(step) % 5).toBe(0);
    expect((await readLosses(out)).length).toBeGreaterThanOrEqual(Number(step));
  });
});
