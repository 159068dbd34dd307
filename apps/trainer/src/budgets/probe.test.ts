import { fold } from "@sus/graph";
import { describe, expect, test } from "vitest";
import { streamOf } from "../model/model.ts";
import { partition } from "../model/partition.ts";
import { mean } from "../run-folder/summary.ts";
import { resolveSettings } from "../settings.ts";
import { exampleRecords } from "../testing/records.ts";
import { trainedFolder } from "../testing/trained.ts";
import { measureExact, measureSampled } from "../variance/measure.ts";
import { relativeVariance } from "../variance/relative-variance.ts";
import { resolveVarianceSettings } from "../variance/settings.ts";
import { openStudy } from "../variance/study.ts";
import { BudgetKeeper } from "./keeper.ts";
import { type ByPart, mapParts, uniformParts } from "./parts.ts";
import { type Probed, probe } from "./probe.ts";

describe("a probe", () => {
  const [length, c] = [48, 4];

  /** The mean of 48 probes, and what exact gradients show where some heads alone are sampled. */
  async function openProbes(budgets: ByPart) {
    const checkpoint = await trainedFolder();
    const study = await openStudy(resolveVarianceSettings({ checkpoint, threads: 1 }));
    const { model } = study;
    const batches = study.batches(length, 12);
    const whole = partition(model.config);
    const exact = await measureExact(model, whole, batches, length, () => {});
    const key = streamOf(3, "estimator");
    const truth = async (sampled: readonly (number | "all" | readonly (number | "all")[])[]) => {
      const estimatorOf = (batch: number, draw: number) => ({
        c: sampled,
        key: fold(fold(key, batch), draw),
      });
      const { groups } = await measureSampled(
        ...([model, whole, exact, length] as const),
        ...([{ draws: 16, estimatorOf }, () => {}] as const),
      );
      return relativeVariance(groups[0]!)!.value;
    };
    const probes: Probed[] = [];
    for (let i = 0; i < 48; i++) {
      // Each layer meets each sequence once.
      const four = [0, 1, 2, 3].map((j) => batches[(i + j) % 12]!);
      const probeKey = fold(streamOf(4, "probe"), i);
      probes.push(await probe(model, four, length, { c: budgets, name: "bernoulli" }, probeKey));
    }
    const found = mapParts(
      (_, layer, part) => mean(probes.map(({ noise }) => noise[layer]![part]!)),
      budgets,
    );
    return { truth, probes, found, [Symbol.dispose]: () => study[Symbol.dispose]() };
  }

  function expectNear(found: number, wanted: number, what: string) {
    expect(found / wanted, what).toBeGreaterThan(0.5);
    expect(found / wanted, what).toBeLessThan(2);
  }

  test("finds the noise that exact gradients show, layer by layer within a factor of 2", async () => {
    using probes = await openProbes([[c], [c]]);
    expectNear(probes.found[0]![0]!, await probes.truth([c, "all"]), "layer 0");
    expectNear(probes.found[1]![0]!, await probes.truth(["all", c]), "layer 1");
    for (const { kept } of probes.probes) {
      for (const entries of kept.flat()) {
        expect(entries).toBeGreaterThan(1);
        expect(entries).toBeLessThan(4.5);
      }
    }
  });

  test("splits it between heads as exact gradients do, within a factor of 2", async () => {
    // Budgets that differ, so that noise does.
    using probes = await openProbes([
      [3, 12],
      [8, 2],
    ]);
    for (const [layer, head, budgets] of [
      [0, 0, [[3, "all"], "all"]],
      [0, 1, [["all", 12], "all"]],
      [1, 0, ["all", [8, "all"]]],
      [1, 1, ["all", ["all", 2]]],
    ] as const) {
      const wanted = await probes.truth(budgets);
      expectNear(probes.found[layer]![head]!, wanted, `layer ${layer}, head ${head}`);
    }
    const { noise } = probes.probes[0]!;
    expect(noise.map((heads) => heads.length)).toEqual([2, 2]);
  });
});

describe("the keeper of the budgets", () => {
  const settings = resolveSettings({
    variance: 0.01,
    c: 20,
    layers: 2,
    width: 8,
    heads: 2,
    context: 200,
    batch: 10,
  });

  test("begins with --c, and its state follows from the records", () => {
    const first = BudgetKeeper.of(settings, [])!;
    expect(first.c).toEqual([
      [20, 20],
      [20, 20],
    ]);
    const records = exampleRecords(3).map((record, i) => ({
      ...record,
      ...(i === 1
        ? {}
        : {
            probe: first.add({
              ...{ kept: uniformParts(14, 2, 2) },
              noise: [
                [0.02, 0.001],
                [0.001 * (i + 1), 0.001],
              ],
            }),
          }),
    }));
    const again = BudgetKeeper.of(settings, JSON.parse(JSON.stringify(records)))!;
    expect(again.c).toEqual(first.c);
    expect(first.c[0]![0]).toBeGreaterThan(20);
    for (const c of [first.c[0]![1], ...first.c[1]!]) expect(c).toBeLessThan(20);
    expect(BudgetKeeper.of({ ...settings, variance: null }, records)).toBeNull();
  });

  test("never wants more than half of all keys, nor parts of one where budgets count", () => {
    const keeper = BudgetKeeper.of({ ...settings, design: "priority" }, [])!;
    for (let i = 0; i < 20; i++) keeper.add({ kept: keeper.c, noise: uniformParts(5, 2, 2) });
    expect(keeper.c).toEqual(uniformParts(50, 2, 2));
    keeper.add({
      kept: keeper.c,
      noise: [
        [0.0061, 0.0022],
        [0.0013, 0.0004],
      ],
    });
    for (const c of keeper.c.flat()) expect(Number.isInteger(c)).toBe(true);
  });

  test("gives a layer one budget where the design shares it out itself", () => {
    expect(BudgetKeeper.of({ ...settings, design: "two-stage" }, [])!.c).toEqual([[20], [20]]);
  });
});
