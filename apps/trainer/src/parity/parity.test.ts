import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { trainedFolder } from "../testing/trained.ts";
import { woodchuck } from "../testing/woodchuck.ts";
import type { ArmResult } from "./analysis.ts";
import { ParityFolder } from "./folder.ts";
import { compare } from "./parity.ts";
import { finishRun } from "./run.ts";
import { armsOf, resolveParitySettings, runsOf } from "./settings.ts";

const silent = () => {};

const tiny = {
  ...{ context: 24, layers: 1, heads: 2, width: 8, batch: 2, steps: 4, threads: 1 },
  ...{ evaluateOn: 2, evaluateEvery: 2, seeds: 2, designs: ["bernoulli", "top-k"], c: [3] },
  ...{ exactBatches: [1], exactSteps: [2] },
};

async function begin(given: Readonly<Record<string, unknown>> = {}): Promise<ParityFolder> {
  const folder = await temporaryFolder();
  const data = join(folder, "text.txt");
  await writeFile(data, woodchuck);
  return await ParityFolder.create(
    join(folder, "parity"),
    resolveParitySettings({ data, ...tiny, ...given }),
  );
}

/** Compares, up to some number of steps. What came out without times. */
async function finish(folder: ParityFolder, steps = Infinity) {
  const stop = new AbortController();
  let left = steps;
  const onStep = () => {
    if (--left === 0) stop.abort();
  };
  const outcome = await compare(folder, { signal: stop.signal, say: silent, onStep });
  return { ...outcome, results: outcome.results.map(timeless), steps: steps - left };
}

function timeless({ millisecondsPerStep: _, atTime: __, curve, ...result }: ArmResult) {
  return { ...result, curve: curve.map(({ step, loss }) => ({ step, loss })) };
}

test("a plan has an exact arm, designs at budgets, and exact runs of less noise or time", () => {
  const settings = resolveParitySettings({
    ...tiny,
    c: [3, 5],
    draws: 2,
    steps: 10,
    warmUp: 4,
    exactSteps: [5],
    variances: [0.01],
    exactFirst: 2,
  });
  expect(armsOf(settings).map(({ name }) => name)).toEqual([
    ...["exact", "bernoulli, c = 3", "top-k, c = 3", "bernoulli, c = 5", "top-k, c = 5"],
    ...["bernoulli, variance 0.01", "exact, batch 1", "exact, 5 steps"],
  ]);
  const runs = runsOf(settings);
  expect(runs).toHaveLength(2 * (3 + 5 * 2));
  expect(new Set(runs.map(({ folder }) => folder)).size).toBe(runs.length);
  for (const { arm, order, settings: run } of runs) {
    expect(run.seed).toBe(1);
    expect(run.batchSeed).toBe(1 + order);
    expect(run.c === "all").toBe(arm.name.startsWith("exact"));
    expect(run.exactFirst).toBe(run.c === "all" ? 0 : 2);
    expect([run.variance, run.c]).toEqual(arm.name.includes("variance") ? [0.01, 3] : [null, run.c]);
  }
  const seeds = runs
    .filter(({ arm }) => arm.name === "bernoulli, c = 3")
    .map((run) => run.settings.sampleSeed);
  expect(new Set(seeds).size).toBe(4);
  expect(runs.at(-1)!.settings).toMatchObject({ steps: 5, warmUp: 2 });
  const byDefault = runsOf(resolveParitySettings({ steps: 40, designs: ["bernoulli"], seeds: 2 }));
  expect(byDefault.map((run) => run.settings.exactFirst)).toEqual([0, 10, 0, 10]);
  expect(() => resolveParitySettings({ seeds: 1 })).toThrow("--seeds: expected a whole number of at least 2");
  expect(() => resolveParitySettings({ width: 0 })).toThrow("--width: expected a whole number");
});

test("trains every arm from the same start on the same batches", async () => {
  const folder = await begin();
  const { results, done, total } = await finish(folder);
  expect([done, total]).toEqual([10, 10]);
  expect(results.map(({ arm, runs, steps }) => [arm, runs, steps])).toEqual([
    ["exact", 2, 4],
    ["bernoulli, c = 3", 2, 4],
    ["top-k, c = 3", 2, 4],
    ["exact, batch 1", 2, 4],
    ["exact, 2 steps", 2, 2],
  ]);
  const before = new Set(results.map(({ curve }) => curve[0]!.loss));
  expect(before.size).toBe(1);
  const log = async (run: string) =>
    JSON.parse((await readFile(join(folder.path, run, "log.jsonl"), "utf8")).split("\n")[0]!) as {
      bitsPerByte: number;
    };
  const first = (await log("exact/1-1")).bitsPerByte;
  expect((await log("bernoulli-c-3/1-1")).bitsPerByte).toBe(first);
  expect((await log("exact/2-1")).bitsPerByte).not.toBe(first);
  const [, bernoulli, topK] = results;
  expect(bernoulli!.atSteps.map(({ step }) => step)).toEqual([2, 4]);
  for (const { atSteps } of [bernoulli!, topK!]) {
    const { value, low, high } = atSteps.at(-1)!.difference;
    expect(value).not.toBe(0);
    expect([low < value, value < high]).toEqual([true, true]);
  }
  // All rows of 3 or more keys keep 3.
  expect(topK!.keptPerRow).toBeCloseTo((1 + 2 + 22 * 3) / 24, 10);
  expect(await readdir(join(folder.path, "exact", "1-1"))).toEqual([
    ...["config.json", "log.jsonl", "report.html", "summary.json"],
  ]);
  const html = await readFile(folder.reportPath, "utf8");
  for (const { arm } of results) expect(html).toContain(arm);
  expect(html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(4);
  expect((await readFile(join(folder.path, "results.jsonl"), "utf8")).trim().split("\n")).toHaveLength(5);
});

test("stopped anywhere and resumed, it finds what it would have found", async () => {
  const whole = await finish(await begin());
  const folder = await begin();
  for (const steps of [3, 1, 4, 11]) {
    const { done } = await finish(await ParityFolder.open(folder.path), steps);
    expect(done).toBeLessThan(10);
  }
  const resumed = await finish(await ParityFolder.open(folder.path));
  expect(resumed.results).toEqual(whole.results);
  // Nothing is done twice, and more orders can be added.
  expect((await finish(await ParityFolder.open(folder.path))).results).toEqual(whole.results);
  const { plan, training } = folder.settings;
  const more = await (await ParityFolder.open(folder.path)).change({ plan: { ...plan, seeds: 3 }, training });
  const { results } = await finish(more);
  expect(results[0]!.runs).toBe(3);
});

test("refuses folders that are in use, or hold something else", async () => {
  const folder = await begin();
  await expect(ParityFolder.create(folder.path, folder.settings)).rejects.toThrow(
    `--out: expected a new or an empty folder, ${folder.path} is not empty; --resume goes on with it`,
  );
  await expect(ParityFolder.open(join(folder.path, "none"))).rejects.toThrow(
    "--resume: expected the folder of sus parity in --out, got",
  );
  await finish(folder, 5);
  const { plan, training } = folder.settings;
  const other = await folder.change({ plan, training: { ...training, learningRate: 1 } });
  await expect(finish(other)).rejects.toThrow("was made with another --learning-rate");
});

test("refuses a text that changes between two runs, and other weights to start with", async () => {
  const folder = await begin();
  await finish(folder, 5);
  const text = folder.settings.training.data!;
  await writeFile(text, woodchuck.toUpperCase());
  await expect(finish(await ParityFolder.open(folder.path))).rejects.toThrow(
    `--resume: expected the text that`,
  );
  await writeFile(text, woodchuck);
  expect((await finish(await ParityFolder.open(folder.path), 3)).done).toBe(2);
  // Now no run is under way, and the next one begins with the text it finds.
  await writeFile(text, woodchuck.toUpperCase());
  await expect(finish(await ParityFolder.open(folder.path))).rejects.toThrow(
    "--resume: expected the text of the runs so far,",
  );

  const start = await trainedFolder({ context: 24, steps: 2 });
  const shape = { context: 24, layers: 2, width: 16, heads: 2, evaluateOn: 2, start };
  const started = await begin(shape);
  expect((await finish(started, 4)).done).toBe(1);
  await rm(start, { recursive: true });
  await rename(await trainedFolder({ context: 24, steps: 30 }), start);
  await expect(finish(await ParityFolder.open(started.path))).rejects.toThrow(
    "--resume: expected the weights to start with of the runs so far,",
  );
});

test("a run that was stopped begins again on another number of threads, so that its times are of one machine", async () => {
  const folder = await begin({ exactBatches: [], exactSteps: [] });
  await finish(folder, 2);
  const { plan, training } = folder.settings;
  const other = await folder.change({ plan, training: { ...training, threads: 2 } });
  const { steps } = await finish(other, 1000);
  // Six runs of four steps, the first of them from its start.
  expect(steps).toBe(6 * 4);
});

test("a finished run says how many steps were exact and what its probes took, also when it is read again", async () => {
  // One layer: a probe takes five passes, and a batch of 200 has a probe every second step.
  const folder = await begin({
    exactFirst: 1,
    batch: 200,
    variances: [0.5],
    exactBatches: [],
    exactSteps: [],
  });
  const hooks = { signal: new AbortController().signal, say: silent, onStep: silent };
  const planned = runsOf(folder.settings).find(({ arm }) => arm.name === "bernoulli, variance 0.5")!;
  const run = (await finishRun(folder.path, planned, undefined, hooks))!;
  expect(run).toMatchObject({ arm: "bernoulli, variance 0.5", order: 1, exactFirst: 1 });
  expect(run.milliseconds).toHaveLength(4);
  expect(run.probeMilliseconds).toBeGreaterThan(0);
  expect(await finishRun(folder.path, planned, undefined, hooks)).toEqual(run);
  const exact = (await finishRun(folder.path, runsOf(folder.settings)[0]!, undefined, hooks))!;
  expect(exact).toMatchObject({ arm: "exact", exactFirst: 0, probeMilliseconds: 0 });
});

test("settings that do not fit together are refused before any run", async () => {
  const folder = await begin({ exactFirst: 4 });
  await expect(finish(folder)).rejects.toThrow("--exact-first: expected fewer than --steps (4)");
  expect((await readdir(folder.path)).filter((name) => !name.endsWith(".json"))).toEqual([]);
});
