import { fold } from "@sus/graph";
import { describe, expect, test } from "vitest";
import { streamOf } from "../model/model.ts";
import { mean } from "../run-folder/summary.ts";
import { resolveSettings } from "../settings.ts";
import { exampleRecords } from "../testing/records.ts";
import { trainedFolder } from "../testing/trained.ts";
import { measureExact, measureSampled } from "../variance/measure.ts";
import { partition } from "../variance/partition.ts";
import { relativeVariance } from "../variance/relative-variance.ts";
import { resolveVarianceSettings } from "../variance/settings.ts";
import { openStudy } from "../variance/study.ts";
import type { Measurement } from "./controller.ts";
import { BudgetKeeper, probeInterval } from "./keeper.ts";
import { passesOf, probe } from "./probe.ts";

test("finds the noise that exact gradients show, layer by layer within a factor of 2", async () => {
  const checkpoint = await trainedFolder();
  using study = await openStudy(resolveVarianceSettings({ checkpoint, threads: 1 }));
  const { model } = study;
  const [length, c] = [48, 4];
  const batches = study.batches(length, 12);
  const whole = partition(model.config);
  const exact = await measureExact(model, whole, batches, length, () => {});
  const key = streamOf(3, "estimator");
  const truth = async (budgets: readonly (number | "all")[]) => {
    const estimatorOf = (batch: number, draw: number) => ({ c: budgets, key: fold(fold(key, batch), draw) });
    const { groups } = await measureSampled(model, whole, exact, length, { draws: 4, estimatorOf }, () => {});
    return relativeVariance(groups[0]!)!.value;
  };
  const probes: Measurement[] = [];
  for (let i = 0; i < 12; i++) {
    // Each layer meets each sequence once.
    const four = [0, 1, 2, 3].map((j) => batches[(i + j) % 12]!);
    probes.push(
      await probe(model, four, length, { c: [c, c], name: "bernoulli" }, fold(streamOf(4, "probe"), i)),
    );
  }
  for (const [layer, budgets] of (
    [
      [c, "all"],
      ["all", c],
    ] as const
  ).entries()) {
    const found = mean(probes.map(({ noise }) => noise[layer]!));
    const wanted = await truth(budgets);
    expect(found / wanted, `layer ${layer}`).toBeGreaterThan(0.5);
    expect(found / wanted, `layer ${layer}`).toBeLessThan(2);
  }
  for (const { kept } of probes) {
    for (const entries of kept) {
      expect(entries).toBeGreaterThan(1);
      expect(entries).toBeLessThan(4.5);
    }
  }
});

test("probes cost at most an eightieth of the passes of training", () => {
  for (const [layers, batch] of [
    [4, 1],
    [4, 8],
    [12, 3],
    [1, 500],
  ] as const) {
    expect(passesOf(layers) / (probeInterval({ layers, batch }) * batch)).toBeLessThanOrEqual(1 / 80);
  }
});

describe("the keeper of the budgets", () => {
  const settings = resolveSettings({ variance: 0.01, c: 20, layers: 2, context: 200, batch: 10 });

  test("begins with --c, and its state follows from the records", () => {
    const first = BudgetKeeper.of(settings, [])!;
    expect(first.c).toEqual([20, 20]);
    const records = exampleRecords(3).map((record, i) => ({
      ...record,
      ...(i === 1 ? {} : { probe: first.add({ kept: [15, 12], noise: [0.02, 0.001 * (i + 1)] }) }),
    }));
    const again = BudgetKeeper.of(settings, JSON.parse(JSON.stringify(records)))!;
    expect(again.c).toEqual(first.c);
    expect(first.c[0]).toBeGreaterThan(20);
    expect(first.c[1]).toBeLessThan(20);
    expect(BudgetKeeper.of({ ...settings, variance: null }, records)).toBeNull();
  });

  test("never wants more than half of all keys, nor parts of one where budgets count", () => {
    const keeper = BudgetKeeper.of({ ...settings, design: "priority" }, [])!;
    for (let i = 0; i < 20; i++) keeper.add({ kept: [...keeper.c], noise: [5, 5] });
    expect(keeper.c).toEqual([50, 50]);
    keeper.add({ kept: [50, 50], noise: [0.0061, 0.0022] });
    for (const c of keeper.c) expect(Number.isInteger(c)).toBe(true);
  });
});
