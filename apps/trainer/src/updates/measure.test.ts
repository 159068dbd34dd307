import { expect, test } from "vitest";
import { modelConfig, streamOf } from "../model/model.ts";
import { partition } from "../model/partition.ts";
import { numbersOf } from "../testing/gradients.ts";
import { trainedFolder } from "../testing/trained.ts";
import { woodchuck } from "../testing/woodchuck.ts";
import { trainingBatch } from "../text/batches.ts";
import { measureOrder, streamsOf } from "./measure.ts";
import { type UpdateRow, updateRows, type WindowSums } from "./rows.ts";
import { resolveUpdatesSettings } from "./settings.ts";
import { measureUpdates } from "./updates.ts";

const tiny = {
  ...{ context: 48, layers: 2, heads: 2, width: 16, batch: 2, steps: 12, learningRate: 0.01 },
  ...{ designs: ["bernoulli", "top-k"], c: 3, at: [1, 12], seeds: 3, device: "wasm", threads: 1 },
};
const bytes = new TextEncoder().encode(woodchuck);
const hooks = { between: () => {}, onStep: () => {} };

async function order(given: Readonly<Record<string, unknown>> = {}, number = 1) {
  return await measureOrder(resolveUpdatesSettings({ ...tiny, ...given }), bytes, number, hooks);
}

async function rowsOf(given: Readonly<Record<string, unknown>>): Promise<readonly UpdateRow[]> {
  const settings = resolveUpdatesSettings({ ...tiny, ...given });
  const silent = { onStep: () => {}, onOrder: async () => {} };
  return (await measureUpdates(settings, bytes, new AbortController().signal, silent)).rows;
}

const { groups } = partition(modelConfig(resolveUpdatesSettings(tiny).training));
const all = groups.findIndex(({ name }) => name === "all");

function errorOf({ stages }: WindowSums): number[] {
  return [stages.gradient, stages.momentum, stages.update].map(({ error, data }) => error[all]! / data[all]!);
}

test("a budget that keeps everything is exact at every stage", async () => {
  const windows = (await order({ designs: ["bernoulli"], c: 1e9 })).get("bernoulli")!;
  for (const window of windows) {
    for (const error of errorOf(window)) expect(error).toBeLessThan(1e-6);
    for (const { sampledAlong, exactAlong } of Object.values(window.stages)) {
      expect(sampledAlong[all]! / exactAlong[all]!).toBeCloseTo(1, 4);
    }
    expect(window.kept).toBeCloseTo(49 / 2);
  }
});

test("designs share the weights and do not touch them", async () => {
  const [both, alone] = [await order(), await order({ designs: ["top-k"] })];
  expect([...both.keys()]).toEqual(["bernoulli", "top-k"]);
  expect(both.get("top-k")).toEqual(alone.get("top-k"));
  expect(both.get("bernoulli")).not.toEqual(both.get("top-k"));
});

test("the model learns meanwhile, from one step to the next", async () => {
  const [slow, fast] = [await order({ learningRate: 1e-9 }), await order()].map(
    (found) => found.get("bernoulli")!,
  ) as [WindowSums[], WindowSums[]];
  expect(slow[0]).toEqual(fast[0]);
  const exact = (windows: readonly WindowSums[]) => windows[1]!.stages.gradient.exactAlong[all]!;
  expect(exact(fast)).toBeLessThan(0.9 * exact(slow));
});

test("begins with the weights of another run", async () => {
  const shape = { context: 64, batch: 4, at: [1] };
  const signal = async (start: string | null) => {
    const [window] = (await order({ ...shape, start })).get("bernoulli")!;
    return window!.stages.gradient.exactAlong[all]!;
  };
  expect(await signal(await trainedFolder())).toBeLessThan(0.5 * (await signal(null)));
});

test("a model that falls apart is an error, not a row", async () => {
  await expect(order({ learningRate: 1e30, warmUp: 0 })).rejects.toThrow("the loss is no longer a number");
});

test("batches are trained on or measured on, never both, and each step draws anew", () => {
  const text = numbersOf(4000, 1).map((number) => 128 + 127 * number);
  const ranges = [{ begin: 0, end: text.length }];
  const starts: string[] = [];
  const draws: string[] = [];
  for (const order of [1, 2]) {
    const { batchSeed, batches, others, drawsOf } = streamsOf(1, order);
    for (const step of [1, 2, 3]) {
      for (const key of [streamOf(batchSeed, "batches"), batches, others]) {
        starts.push(trainingBatch(Uint8Array.from(text), ranges, tiny, key, step).tokens.join());
      }
      draws.push(JSON.stringify(drawsOf(step)));
    }
  }
  expect(new Set(starts).size).toBe(2 * 3 * 3);
  expect(new Set(draws).size).toBe(2 * 3);
});

test("orders differ in batches and draws", async () => {
  const [first, second] = [await order(), await order({}, 2)];
  expect(errorOf(first.get("bernoulli")![0]!)).not.toEqual(errorOf(second.get("bernoulli")![0]!));
});

test("an unbiased gradient keeps its signal, that of the largest weights alone does not", async () => {
  const rows = await rowsOf({ seeds: 8, at: [12], steps: 12, c: 2 });
  const at = (design: string, group: string, stage: string) =>
    rows.find((row) => row.design === design && row.group === group && row.stage === stage)!;
  const [unbiased, biased] = ["bernoulli", "top-k"].map((design) => at(design, "value", "gradient"));
  // With 95 % confidence: the seeds are fixed, and others would fail one time in twenty.
  expect(unbiased!.signalLow).toBeGreaterThan(0.8);
  expect(unbiased!.signalLow).toBeLessThan(1);
  expect(unbiased!.signalHigh).toBeGreaterThan(1);
  expect(unbiased!.signalHigh).toBeLessThan(1.2);
  expect(biased!.signalHigh).toBeLessThan(0.9);
  // What the optimiser divides by grows with noise.
  expect(at("bernoulli", "value", "update").signalHigh).toBeLessThan(1);
  expect(at("bernoulli", "value", "update").error).toBeGreaterThan(0);
});

test("a stop leaves the rows of the orders before it", async () => {
  const stop = new AbortController();
  const counts: number[] = [];
  const { rows, orders } = await measureUpdates(resolveUpdatesSettings(tiny), bytes, stop.signal, {
    onStep: (order, step) => {
      if (order === 3 && step === 2) stop.abort();
    },
    onOrder: async (rows) => void counts.push(rows.length),
  });
  expect(orders).toBe(2);
  expect(counts).toEqual([0, rows.length]);
  expect(rows.every((row) => row.orders === 2)).toBe(true);
  expect([...new Set(rows.map(({ from, to }) => `${from}–${to}`))]).toEqual(["1–1", "2–12"]);
  const one = updateRows({ design: "bernoulli", c: 3, from: 1, to: 1, groups }, [
    (await order()).get("bernoulli")![0]!,
    (await order({}, 2)).get("bernoulli")![0]!,
  ]);
  expect(rows.slice(0, one.length)).toEqual(one);
});

test("settings: windows as far as the run goes, and what is wrong with them", () => {
  expect(resolveUpdatesSettings({ steps: 100 }).at).toEqual([10, 30, 60, 100]);
  expect(resolveUpdatesSettings({ steps: 10 }).at).toEqual([10]);
  expect(resolveUpdatesSettings({}).training).toMatchObject({ c: "all", exactFirst: 0 });
  const wrong = (given: Readonly<Record<string, unknown>>) => () => resolveUpdatesSettings(given);
  expect(wrong({ at: [5, 5] })).toThrow("--at: expected rising numbers of at most --steps (550), got 5,5");
  expect(wrong({ at: [600] })).toThrow("--at: expected rising numbers of at most --steps (550), got 600");
  expect(wrong({ at: [0, 4] })).toThrow("--at: expected a whole number of at least 1, got 0,4");
  expect(wrong({ seeds: 1 })).toThrow("--seeds: expected a whole number of at least 2, got 1");
  expect(wrong({ c: 0 })).toThrow("--c: expected a number above 0, got 0");
  expect(wrong({ c: 2.5 })).toThrow("--c: expected a whole number for --design top-k, got 2.5");
  expect(wrong({ designs: ["paper", "paper"] })).toThrow("--designs: expected different ones of bernoulli");
  expect(wrong({ designs: ["best"] })).toThrow("--designs: expected one of");
});
