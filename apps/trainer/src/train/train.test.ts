import { access, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { StepRecord } from "../run-folder/record.ts";
import { resolveSettings } from "../settings.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { beginRun, type Run, resumeRun } from "./run.ts";
import { train } from "./train.ts";

const silent = () => {};

const woodchuck = "How much wood would a woodchuck chuck? ".repeat(100);

/** A new run of a tiny model on a text beside it. */
async function begin(given: Readonly<Record<string, unknown>> = {}, text = woodchuck): Promise<Run> {
  const folder = await temporaryFolder();
  const data = join(folder, "text.txt");
  await writeFile(data, text);
  const shape = { context: 24, layers: 2, heads: 2, width: 16, batch: 2, c: 4, exactFirst: 0, threads: 1 };
  const rhythm = { steps: 7, evaluateOn: 2, evaluateEvery: 3, checkpointEvery: 4 };
  const settings = resolveSettings({ data, ...shape, ...rhythm, ...given });
  return await beginRun(settings, { out: join(folder, "run"), overwrite: false }, silent);
}

/** Trains to the end, or up to a step. Everything that happened but the times. */
async function finish(run: Run, lastStep?: number): Promise<Omit<StepRecord, "milliseconds">[]> {
  using _ = run;
  const stop = new AbortController();
  await train(run, {
    signal: stop.signal,
    onStep: ({ step }) => {
      if (step === lastStep) stop.abort();
    },
  });
  return run.records.map(({ milliseconds: _, ...record }) => record);
}

const readCheckpoint = (run: Run) => readFile(join(run.folder.path, "checkpoint.safetensors"));

describe("train", () => {
  test("learns", async () => {
    const run = await begin({ steps: 60, evaluateEvery: 20, learningRate: 0.01 });
    const records = await finish(run);
    expect(run.heldOutBefore).toBeGreaterThan(6);
    expect(records.at(-1)!.heldOut).toBeLessThan(4);
    expect(records.filter(({ heldOut }) => heldOut !== null).map(({ step }) => step)).toEqual([20, 40, 60]);
  });

  test("starts with the weights of another model, at another length too", async () => {
    const first = await begin({ steps: 30, learningRate: 0.01 });
    await finish(first);
    const start = first.folder.path;
    const longer = await begin({ start, context: 48, steps: 1, learningRate: 1e-9 });
    expect(longer.heldOutBefore).toBeLessThan(5);
    await finish(longer);
    const resumed = await begin({ start, steps: 4, checkpointEvery: 2 });
    const whole = await finish(await begin({ start, steps: 4, checkpointEvery: 2 }));
    await finish(resumed, 2);
    const again = await resumeRun(resumed.folder.path, {}, silent);
    expect(await finish(again)).toEqual(whole);
    await expect(begin({ start, width: 32 })).rejects.toThrow("the checkpoint does not fit config.json");
    await expect(begin({ start: join(start, "none") })).rejects.toThrow(
      "--start: expected the folder of a run",
    );
  });

  test("never learns from the held-out text", async () => {
    const records = await finish(
      await begin({ steps: 30, learningRate: 0.01 }, "a".repeat(950) + "b".repeat(50)),
    );
    expect(records.at(-1)!.bitsPerByte).toBeLessThan(2);
    expect(records.at(-1)!.heldOut).toBeGreaterThan(6);
  });

  test("takes two stages by name, and logs what the second one keeps", async () => {
    for (const design of ["two-stage", "two-stage-full"]) {
      const records = await finish(await begin({ design, c: 2, steps: 3 }));
      for (const { keptPerRow } of records) expect(Math.abs(keptPerRow - 2)).toBeLessThan(0.3);
    }
  });

  test("draws another sample at every step", async () => {
    // All batches of this text are the same, and the model as good as stays where it is.
    const records = await finish(await begin({ learningRate: 1e-30 }, "a".repeat(1000)));
    expect(new Set(records.map(({ bitsPerByte }) => bitsPerByte)).size).toBe(1);
    expect(new Set(records.map(({ keptPerRow }) => keptPerRow)).size).toBeGreaterThan(1);
  });

  test("leaves nothing behind where not even the first step could be made", async () => {
    const run = await begin();
    const lose = () => run.trainer.device[Symbol.dispose]();
    lose();
    const options = { signal: new AbortController().signal, onStep: silent, onLoss: lose };
    await expect(train(run, options)).rejects.toThrow("the device was disposed");
    await expect(access(run.folder.path)).rejects.toThrow("ENOENT");
  });

  test("stopped and resumed, it is bit for bit the run that was never stopped", async () => {
    const whole = await begin();
    const expected = await finish(whole);
    for (const lastStep of [1, 3, 4, 6]) {
      const stopped = await begin();
      expect(await finish(stopped, lastStep)).toEqual(expected.slice(0, lastStep));
      const resumed = await resumeRun(stopped.folder.path, {}, silent);
      expect(resumed.records).toHaveLength(lastStep);
      expect(resumed.heldOutBefore).toBe(whole.heldOutBefore);
      expect(await finish(resumed)).toEqual(expected);
      expect(await readCheckpoint(resumed)).toEqual(await readCheckpoint(whole));
    }
  });

  test("killed between the last step and the report, it is finished by resuming", async () => {
    const run = await begin();
    await finish(run);
    for (const name of ["summary.json", "report.html"]) await rm(join(run.folder.path, name));
    const resumed = await resumeRun(run.folder.path, {}, silent);
    await finish(resumed);
    await access(join(run.folder.path, "report.html"));
    await expect(resumeRun(run.folder.path, {}, silent)).rejects.toThrow("has done all 7");
  });

  test("stopped during the closing comparison, it is complete but for the comparison", async () => {
    const run = await begin();
    using _ = run;
    const stop = new AbortController();
    const summary = await train(run, {
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === 7) setImmediate(() => stop.abort());
      },
    });
    expect(summary.steps).toBe(7);
    expect(summary.bitsPerByte.heldOutAfter).not.toBeNull();
    expect(summary.milliseconds.attentionBackwardExact).toBeNull();
  });

  test("killed, it goes on from the last checkpoint and forgets the steps after it", async () => {
    const expected = await finish(await begin());
    const killed = await begin();
    const failure = new Error("killed");
    const dying = train(killed, {
      signal: new AbortController().signal,
      onStep: ({ step }) => {
        if (step === 6) throw failure;
      },
    });
    await expect(dying).rejects.toBe(failure);
    killed[Symbol.dispose]();
    const resumed = await resumeRun(killed.folder.path, {}, silent);
    expect(resumed.records).toHaveLength(4);
    expect(await finish(resumed)).toEqual(expected);
  });

  test("does not depend on the number of threads", async () => {
    const shape = { context: 96, width: 32 };
    const alone = await finish(await begin({ ...shape, threads: 1 }));
    expect(await finish(await begin({ ...shape, threads: 2 }))).toEqual(alone);
  });

  test.each([
    { c: "all" },
    { design: "priority" },
    { design: "systematic" },
    { positions: "learned", activation: "swiglu", norm: "layer", keyValueHeads: 1 },
  ])("trains with %o", async (given) => {
    const records = await finish(await begin({ steps: 20, learningRate: 0.01, ...given }));
    expect(records.at(-1)!.heldOut).toBeLessThan(6);
    const { keptPerRow } = records[0]!;
    if (given.c === "all") expect(keptPerRow).toBe(12.5);
    else expect(keptPerRow).toBeLessThanOrEqual(4);
  });

  test("--exact-first: some steps of exact training, then a sampled gradient", async () => {
    const shape = { steps: 6, c: 2 };
    const exact = await finish(await begin({ ...shape, c: "all" }));
    const records = await finish(await begin({ ...shape, exactFirst: 3 }));
    // The gradient of step 4 is the first that is sampled: its loss is still that of exact training, its norm is not.
    expect(records.slice(0, 3)).toEqual(exact.slice(0, 3));
    expect(records[3]!.bitsPerByte).toBe(exact[3]!.bitsPerByte);
    expect(records[3]!.gradientNorm).not.toBe(exact[3]!.gradientNorm);
    for (const { keptPerRow } of records.slice(3)) expect(keptPerRow).toBeLessThanOrEqual(2);
    const resumed = await begin({ ...shape, exactFirst: 3, checkpointEvery: 2 });
    await finish(resumed, 2);
    expect(await finish(await resumeRun(resumed.folder.path, {}, silent))).toEqual(records);
    await expect(begin({ steps: 6, exactFirst: 6 })).rejects.toThrow(
      "--exact-first: expected fewer than --steps (6)",
    );
  });

  describe("with --variance", () => {
    // Probes are due after every second step on average, and early.
    const given = { variance: 0.08, c: 3, batch: 240, context: 48, width: 8, steps: 8 };
    const probesOf = (records: readonly Pick<StepRecord, "probe">[]) =>
      records.flatMap(({ probe }) => (probe === undefined ? [] : [probe]));

    test("sets the budget of each head by probes, towards the variance asked for", async () => {
      // A model that as good as stays where it is: what settles is the controller.
      const run = await begin({ ...given, steps: 20, learningRate: 1e-30 });
      const records = await finish(run);
      const probes = probesOf(records);
      expect(probes).toHaveLength(10);
      expect(run.records[1]!.milliseconds.probe).toBeGreaterThan(0);
      const noise = probes.map(({ noise: layers }) => layers.flat().reduce((sum, v) => sum + v, 0));
      const late = noise.slice(-5).reduce((sum, v) => sum + v, 0) / 5;
      expect(noise[0]! / 0.08).toBeGreaterThan(2);
      expect(late / 0.08).toBeGreaterThan(0.5);
      expect(late / 0.08).toBeLessThan(2);
      // The step after a probe keeps what its budgets say.
      expect(records[2]!.keptPerRow).toBeGreaterThan(records[1]!.keptPerRow);
    });

    test("probes other sequences with other batches, and other draws with other samples", async () => {
      const firstProbe = async (seeds: Readonly<Record<string, number>>) =>
        probesOf(await finish(await begin({ ...given, steps: 2, learningRate: 1e-30, ...seeds })))[0]!.noise;
      const noise = await firstProbe({ batchSeed: 5, sampleSeed: 5 });
      expect(await firstProbe({ batchSeed: 5, sampleSeed: 5 })).toEqual(noise);
      expect(await firstProbe({ batchSeed: 6, sampleSeed: 5 })).not.toEqual(noise);
      expect(await firstProbe({ batchSeed: 5, sampleSeed: 6 })).not.toEqual(noise);
    });

    test("stopped and resumed, it goes on with the budgets it had", async () => {
      const expected = await finish(await begin(given));
      const stopped = await begin(given);
      await finish(stopped, 5);
      const resumed = await resumeRun(stopped.folder.path, {}, silent);
      expect(await finish(resumed)).toEqual(expected);
    });

    test.each([{ c: "all" }, { design: "top-k" }])(
      "is refused without a sample to set: %o",
      async (change) => {
        await expect(begin({ ...given, ...change })).rejects.toThrow(
          "--variance: expected a sampled gradient",
        );
      },
    );
  });
});
