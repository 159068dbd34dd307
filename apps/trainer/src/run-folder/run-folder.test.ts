import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { exampleConfig, exampleRecords } from "../testing/records.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { RunFolder } from "./run-folder.ts";
import { encode } from "./safetensors.ts";
import { summarise } from "./summary.ts";

const config = exampleConfig({ threads: 2, c: "all", data: "some/file.txt" });

const checkpoint: Checkpoint = {
  step: 12,
  heldOutBefore: 8.12345678901234,
  parameters: new Map([["embedding", { shape: [2, 1], data: Float32Array.of(0.1, -0) }]]),
  optimiser: new Map([["first.embedding", { shape: [2, 1], data: Float32Array.of(1e-40, 3) }]]),
};

describe("expectFree", () => {
  test("accepts a new folder, an empty one, and any with --overwrite", async () => {
    const folder = await temporaryFolder();
    await RunFolder.expectFree(join(folder, "a", "b"), false);
    await RunFolder.expectFree(folder, false);
    await writeFile(join(folder, "mine"), "");
    await RunFolder.expectFree(folder, true);
    await expect(RunFolder.expectFree(folder, false)).rejects.toThrow(
      `--out: expected a new or an empty folder, ${folder} is not empty; --overwrite replaces the run in it`,
    );
    await expect(RunFolder.expectFree(join(folder, "mine"), true)).rejects.toThrow("mine: not a directory");
  });
});

describe("create", () => {
  test("makes the folder, which open finds again", async () => {
    const path = join(await temporaryFolder(), "a", "b");
    await RunFolder.create(path, config);
    expect((await RunFolder.open(path, "--resume")).config).toEqual(config);
    expect(await readdir(path)).toEqual(["config.json"]);
  });

  test("removes the files of an earlier run and no others", async () => {
    const path = await temporaryFolder();
    const first = await RunFolder.create(path, config);
    await first.writeCheckpoint(checkpoint);
    await first.writeReport("old");
    await writeFile(join(path, "notes.txt"), "mine");
    await RunFolder.create(path, config);
    expect(await readdir(path)).toEqual(["config.json", "notes.txt"]);
  });

  test("leaves nothing where the folder cannot be made", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "file"), "");
    await expect(RunFolder.create(join(folder, "file", "run"), config)).rejects.toThrow(
      "--out: expected a folder that can be written",
    );
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("what has made a new folder takes it away again", async () => {
    const folder = await temporaryFolder();
    const run = await RunFolder.create(join(folder, "a", "b"), config);
    await run.remove();
    expect(await readdir(folder)).toEqual([]);

    const other = await RunFolder.create(join(folder, "a", "b"), config);
    await mkdir(join(folder, "a", "mine"));
    await other.remove();
    expect(await readdir(join(folder, "a"))).toEqual(["mine"]);

    await mkdir(join(folder, "old"));
    await writeFile(join(folder, "old", "mine"), "");
    await (await RunFolder.create(join(folder, "old"), config)).remove();
    expect(await readdir(join(folder, "old"))).toEqual(["mine"]);
  });
});

describe("open", () => {
  test("refuses what is not the folder of a run", async () => {
    const path = await temporaryFolder();
    const opened = () => RunFolder.open(path, "--resume");
    await expect(opened()).rejects.toThrow(
      `--resume: expected the folder of a run, got ${path}: no such file or directory`,
    );
    await writeFile(join(path, "config.json"), "{");
    await expect(opened()).rejects.toThrow("config.json: ");
    await writeFile(join(path, "config.json"), JSON.stringify({ ...config, format: 2 }));
    await expect(opened()).rejects.toThrow("config.json: format: expected 1");
    await writeFile(
      join(path, "config.json"),
      JSON.stringify({ ...config, settings: { ...config.settings, heads: 0 } }),
    );
    await expect(opened()).rejects.toThrow("settings.heads: expected a whole number of at least 1");
  });
});

describe("checkpoint", () => {
  test("comes back bit for bit", async () => {
    const folder = await RunFolder.create(await temporaryFolder(), config);
    await folder.writeCheckpoint(checkpoint);
    expect(await folder.readCheckpoint()).toEqual(checkpoint);
  });

  test("a missing, broken or foreign file is refused by name", async () => {
    const path = await temporaryFolder();
    const folder = await RunFolder.create(path, config);
    const file = join(path, "checkpoint.safetensors");
    await expect(folder.readCheckpoint()).rejects.toThrow(`${file}: expected a checkpoint: no such file`);
    await writeFile(file, "nonsense");
    await expect(folder.readCheckpoint()).rejects.toThrow(`${file}: safetensors: a header of`);
    await writeFile(file, encode({ tensors: new Map(), metadata: { step: "one" } }));
    await expect(folder.readCheckpoint()).rejects.toThrow(
      `${file}: expected a checkpoint of sus train: step`,
    );
  });
});

describe("summarise", () => {
  test("takes medians of times, means of counts, and the comparison's pair", () => {
    const summary = summarise(exampleConfig({ context: 99, batch: 2 }), exampleRecords(20), {
      device: { name: "a device", threads: 2 },
      parameters: 1000,
      heldOutBefore: 8,
      comparison: { sampled: 8, exact: 40 },
    });
    expect(summary).toEqual({
      context: 99,
      c: 30,
      design: "bernoulli",
      exactFirst: 60,
      device: "a device",
      threads: 2,
      steps: 20,
      tokens: 20 * 99 * 2,
      parameters: 1000,
      bitsPerByte: { heldOutBefore: 8, heldOutAfter: 8 - 19 / 20 },
      keptPerRow: 20.5,
      cutShare: 1 - 20.5 / 50,
      extraVariance: null,
      milliseconds: { step: 109.5, attentionForward: 25, attentionBackward: 8, attentionBackwardExact: 40 },
    });
  });

  test("counts the kept weights of the sampled steps, and their time in attention", () => {
    const measurements = {
      device: { name: "a device", threads: 2 },
      parameters: 1000,
      heldOutBefore: 8,
      comparison: null,
    };
    const records = exampleRecords(4).map((record, i) => ({
      ...record,
      keptPerRow: [50, 50, 10, 20][i]!,
      milliseconds: { step: 100, attentionForward: 25, attentionBackward: [90, 90, 10, 12][i]! },
    }));
    const summary = (exactFirst: number) => summarise(exampleConfig({ exactFirst }), records, measurements);
    expect(summary(2)).toMatchObject({
      exactFirst: 2,
      keptPerRow: 15,
      cutShare: expect.closeTo(1 - 30 / 2049, 12),
      milliseconds: { attentionBackward: 11 },
    });
    // Stopped before the first of them.
    expect(summary(9)).toMatchObject({ keptPerRow: 32.5 });
  });

  test("with --variance: the mean of the later half of the probes", () => {
    const config = exampleConfig({ variance: 0.01 });
    const device = { name: "a device", threads: 2 };
    const measurements = { device, parameters: 1000, heldOutBefore: 8, comparison: null };
    const probed = (noise: number) => ({ kept: [[3, 4]], noise: [[noise, 0.001]], c: [[5, 6]] });
    const records = exampleRecords(4).map((record, i) => ({
      ...record,
      probe: probed([1, 1, 0.02, 0.03][i]!),
    }));
    const { target, measured } = summarise(config, records, measurements).extraVariance!;
    expect(target).toBe(0.01);
    expect(measured).toBeCloseTo(0.026, 10);
    const without = summarise(config, exampleRecords(4), measurements).extraVariance;
    expect(without).toEqual({ target: 0.01, measured: null });
  });

  test("is written as JSON", async () => {
    const path = await temporaryFolder();
    const folder = await RunFolder.create(path, config);
    const summary = summarise(config, exampleRecords(5), {
      device: { name: "a device", threads: 1 },
      parameters: 1,
      heldOutBefore: 8,
      comparison: null,
    });
    await folder.writeSummary(summary);
    expect(summary.bitsPerByte.heldOutAfter).toBeNull();
    expect(JSON.parse(await readFile(join(path, "summary.json"), "utf8"))).toEqual(summary);
  });
});
