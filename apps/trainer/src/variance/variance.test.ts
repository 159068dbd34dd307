import { copyFile, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fold } from "@sus/graph";
import { expect, test } from "vitest";
import { streamOf } from "../model/model.ts";
import { partition } from "../model/partition.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { trainedFolder } from "../testing/trained.ts";
import { cellsOf } from "./cells.ts";
import { measureExact, measureSampled } from "./measure.ts";
import { relativeVariance } from "./relative-variance.ts";
import { Results, type Row } from "./results.ts";
import { resolveVarianceSettings, type VarianceSettings } from "./settings.ts";
import { openStudy, type Study } from "./study.ts";
import { fingerprintOf, measureVariance } from "./variance.ts";

const silent = () => {};

function settingsOf(checkpoint: string, given: Readonly<Record<string, unknown>> = {}): VarianceSettings {
  return resolveVarianceSettings({ checkpoint, threads: 1, draws: 4, batches: 4, ...given });
}

async function measured(settings: VarianceSettings): Promise<readonly Row[]> {
  using study = await openStudy(settings);
  const results = await Results.open(null, fingerprintOf(study, settings), false);
  await measureVariance(study, settings, results, { between: silent, onCell: silent });
  return results.rows;
}

const all = (rows: readonly Row[], design = "bernoulli") =>
  rows.find((row) => row.group === "all" && row.design === design)!;

test("--kept keeps what was asked for, within 3 %, on fresh draws of real rows", async () => {
  const designs = ["paper", "bernoulli", "systematic", "priority", "two-stage", "two-stage-full"];
  const rows = await measured(settingsOf(await trainedFolder(), { designs, kept: [10] }));
  for (const { design, asked, kept } of rows.filter(({ group }) => group === "all")) {
    expect(Math.abs(kept / Number(asked.slice(5)) - 1), `${design}, ${asked}`).toBeLessThan(0.03);
  }
});

test("times of every cell stand in its row, and more data sequences make the variance better known", async () => {
  const given = { designs: ["bernoulli", "two-stage"], kept: [8], batches: 3 };
  const run = await trainedFolder();
  const few = await measured(settingsOf(run, given));
  const control = [...given.designs, "top-k"];
  const many = await measured(settingsOf(run, { ...given, designs: control, dataBatches: 9, times: 2 }));
  expect(all(few).times).toBeNull();
  for (const design of given.designs) {
    const { times, batches, dataBatches } = all(many, design);
    expect([batches, dataBatches]).toEqual([3, 9]);
    expect(times!.exactMilliseconds).toBeGreaterThan(0);
    expect(times!.backward).toBeGreaterThan(0);
    expect(all(many, design).loss).toBeLessThan(Math.log(256));
    // Each a median of two rounds, which is their mean, so that they add up.
    expect(times!.share).toBeCloseTo(times!.forward + times!.backward, 3);
    const width = ({ low, high }: Row) => Math.log(high / low);
    expect(width(all(many, design))).toBeLessThan(width(all(few, design)));
  }
  expect(many.filter(({ group, times }) => group !== "all" && times !== null)).toEqual([]);
  expect(all(many, "top-k").times).toBeNull();
  expect(() => settingsOf(run, { batches: 4, dataBatches: 3 })).toThrow(
    "--data-batches: expected at least --batches (4), got 3",
  );
});

test("more kept entries mean less variance, in every group that samples reach", async () => {
  const settings = settingsOf(await trainedFolder(), { designs: ["bernoulli"], c: [3, 12] });
  const rows = await measured(settings);
  const [few, many] = ["c=3", "c=12"].map((asked) => rows.filter((row) => row.asked === asked));
  expect(few!.length).toBe(many!.length);
  expect(all(few!).kept).toBeLessThan(3);
  expect(all(many!).kept).toBeGreaterThan(3);
  expect(all(many!).relativeVariance).toBeLessThan(all(few!).relativeVariance / 2);
  for (const row of rows) {
    // What lies behind the last layer's attention is exact.
    const isExact = /^layers\.1\.(mlp|output)/.test(row.group) && row.head === null;
    if (isExact) expect(row.relativeVariance, row.group).toBe(0);
    else expect(row.relativeVariance, row.group).toBeGreaterThan(0);
    expect(row.low).toBeLessThanOrEqual(row.relativeVariance);
    expect(row.high).toBeGreaterThanOrEqual(row.relativeVariance);
  }
  const heads = rows.filter(({ group }) => /^layers\.\d\.heads\.\d$/.test(group));
  expect(heads).toHaveLength(2 * 4);
  for (const { groupKept, effectiveKeys, entropy } of heads) {
    expect(groupKept).toBeGreaterThan(0);
    expect(effectiveKeys).toBeGreaterThanOrEqual(1);
    expect(effectiveKeys).toBeLessThan(33);
    expect(Math.exp(entropy!)).toBeLessThan(33);
  }
  const layerKept = many!.filter(({ group }) => /^layers\.\d$/.test(group)).map((row) => row.groupKept!);
  expect((layerKept[0]! + layerKept[1]!) / 2).toBeCloseTo(all(many!).kept, 2);
});

test("balanced budgets keep as much as equal ones, and make less noise", async () => {
  // Sampled from the first step on, a model whose heads differ enough for budgets by head to be of use.
  const settings = settingsOf(await trainedFolder({ exactFirst: 0 }), {
    ...{
      designs: ["bernoulli"],
      kept: [8],
      split: ["uniform", "balanced", "heads", "even"],
      draws: 8,
      batches: 6,
    },
  });
  const rows = await measured(settings);
  const [uniform, balanced] = [all(rows), all(rows, "bernoulli, balanced")];
  expect(Math.abs(balanced.kept / uniform.kept - 1)).toBeLessThan(0.03);
  expect(balanced.relativeVariance).toBeLessThan(0.9 * uniform.relativeVariance);
  const layerKept = (design: string) =>
    rows
      .filter((row) => row.design === design && /^layers\.\d$/.test(row.group))
      .map((row) => row.groupKept!);
  const even = rows.filter(({ design }) => design === "bernoulli, even");
  expect(Math.abs(all(even, "bernoulli, even").kept / uniform.kept - 1)).toBeLessThan(0.03);
  const worst = (of: readonly Row[]) =>
    Math.max(...of.filter(({ group }) => /\.(query|key)$/.test(group)).map((row) => row.relativeVariance));
  expect(worst(even)).toBeLessThan(worst(rows.filter(({ design }) => design === "bernoulli")));
  const heads = all(rows, "bernoulli, heads");
  expect(Math.abs(heads.kept / uniform.kept - 1)).toBeLessThan(0.03);
  expect(heads.relativeVariance).toBeLessThan(1.02 * balanced.relativeVariance);
  const headKept = (design: string) =>
    [0, 1].map(
      (head) => rows.find((r) => r.design === design && r.group === `layers.0.heads.${head}`)!.groupKept!,
    );
  // Each head has a budget of its own: not the one of its layer.
  const [layer, own] = [headKept("bernoulli, balanced"), headKept("bernoulli, heads")];
  expect(Math.abs(own[0]! / own[1]! / (layer[0]! / layer[1]!) - 1)).toBeGreaterThan(0.02);
  // The first layer makes the noise, and gets the budget.
  expect(layerKept("bernoulli, balanced")[0]).toBeGreaterThan(1.2 * layerKept("bernoulli")[0]!);
});

test("the bias check tells the unbiased designs from the control", async () => {
  const settings = settingsOf(await trainedFolder(), { designs: ["bernoulli", "top-k"], c: [4], draws: 16 });
  const rows = await measured(settings);
  const [slope, low, high] = all(rows).biasSlope!;
  expect(slope).toBeCloseTo(-0.5, 1);
  expect(low).toBeLessThan(-0.4);
  expect(high).toBeGreaterThan(-0.6);
  const share = all(rows).biasShare!;
  // The control does not draw: all of its distance stays.
  const control = all(rows, "top-k");
  expect(control.biasSlope![0]).toBeCloseTo(0, 6);
  expect(control.biasShare![0]).toBeGreaterThan(0);
  expect(Math.abs(share[0])).toBeLessThan(control.biasShare![0] / 2);
});

test("groups of estimates are those of relativeVariance on their own", async () => {
  const settings = settingsOf(await trainedFolder());
  using study = await openStudy(settings);
  const whole = partition(study.model.config);
  const exact = await measureExact(study.model, whole, study.batches(40, 3), 40, silent);
  const estimatorOf = (batch: number, draw: number) => ({
    c: 4,
    key: fold(fold(streamOf(1, "estimator"), batch), draw),
  });
  const { groups } = await measureSampled(study.model, whole, exact, 40, { draws: 2, estimatorOf }, silent);
  // All is the sum of the parts, and of the layers with what belongs to none.
  const sum = (names: readonly string[]) =>
    whole.groups.reduce(
      (total, { name }, i) => total + (names.includes(name) ? groups[i]!.sampling[0]![1]! : 0),
      0,
    );
  const parts = ["query", "key", "value", "output", "mlp", "norms"];
  expect(sum(["embedding", ...parts])).toBeCloseTo(sum(["all"]), 10);
  expect(sum(parts.map((part) => `layers.0.${part}`))).toBeCloseTo(sum(["layers.0"]), 10);
  expect(sum(["layers.1.query.heads.0", "layers.1.query.heads.1"])).toBeCloseTo(sum(["layers.1.query"]), 10);
  expect(relativeVariance(groups[0]!)!.value).toBeGreaterThan(0);
});

test("stopped and resumed, the file is that of a measurement that was never stopped", async () => {
  const checkpoint = await trainedFolder();
  const folder = await temporaryFolder();
  const given = { designs: ["bernoulli", "priority"], c: [3], kept: [5], context: [20, 64], draws: 2 };
  const measure = async (json: string, passes: number, resume: boolean) => {
    const settings = settingsOf(checkpoint, { ...given, json, resume });
    using study = await openStudy(settings);
    const results = await Results.open(json, fingerprintOf(study, settings), resume);
    let left = passes;
    const between = () => {
      if (left-- === 0) throw new Error("stopped");
    };
    let done = 0;
    await measureVariance(study, settings, results, { between, onCell: () => void done++ });
    expect(done).toBe(cellsOf(settings, 64).length);
  };
  const [whole, parts] = [join(folder, "whole.jsonl"), join(folder, "parts.jsonl")];
  await measure(whole, Infinity, false);
  for (const [index, passes] of [10, 19].entries()) {
    await expect(measure(parts, passes, index > 0)).rejects.toThrow("stopped");
  }
  await measure(parts, Infinity, true);
  expect(await readFile(parts, "utf8")).toBe(await readFile(whole, "utf8"));

  await expect(measure(parts, 0, false)).rejects.toThrow(`--json: expected a new file, ${parts} exists`);
  const other = settingsOf(checkpoint, { ...given, draws: 3 });
  using study = await openStudy(other);
  await expect(Results.open(parts, fingerprintOf(study, other), true)).rejects.toThrow(
    "--resume: expected the checkpoint, text and options",
  );
  await writeFile(parts, "{}\n");
  await expect(Results.open(parts, "", true)).rejects.toThrow("line 1 is none");
});

test("a checkpoint is a run folder, or a file beside its config.json", async () => {
  const run = await trainedFolder();
  const file = join(dirname(run), "weights.safetensors");
  await copyFile(join(run, "checkpoint.safetensors"), file);
  await copyFile(join(run, "config.json"), join(dirname(run), "config.json"));
  const open = async (checkpoint: string, use: (study: Study) => unknown = ({ hash }) => hash) => {
    using study = await openStudy(settingsOf(checkpoint));
    return use(study);
  };
  expect(await open(file)).toBe(await open(run));
  await expect(open(join(run, "none"))).rejects.toThrow("--checkpoint: expected the folder of a run, or");
  await expect(open(dirname(dirname(run)))).rejects.toThrow(
    "--checkpoint: expected the folder of a run, got",
  );
  await expect(open(run, (study) => study.batches(2000, 3))).rejects.toThrow(
    "--batches: expected at most 1 sequences of 2000 bytes in the held-out text, got 3",
  );
});

test("budgets out of reach are refused before anything is measured", async () => {
  const checkpoint = await trainedFolder({ steps: 1 });
  await expect(measured(settingsOf(checkpoint, { kept: [33] }))).rejects.toThrow(
    "--kept: expected fewer than the 32.5 keys of a row of 64 on average, got 33",
  );
  await expect(measured(settingsOf(checkpoint, { c: [2.5] }))).rejects.toThrow(
    "--c: expected whole numbers for the design priority, got 2.5",
  );
  expect(() => settingsOf(checkpoint, { batches: 2 })).toThrow(
    "--batches: expected a whole number of at least 3",
  );
  expect(() => settingsOf(checkpoint, { designs: ["best"] })).toThrow("--designs: expected one of bernoulli");
});
