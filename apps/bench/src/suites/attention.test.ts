import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arithmeticCeiling } from "@sus/bench-harness";
import { WasmDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { measureRows } from "../../../../packages/attention/src/attention/attention.bench.ts";
import { measureGrowth } from "../../../../packages/attention/src/attention/growth.bench.ts";
import { exportModel } from "../../../trainer/src/export/export.ts";
import { trainedFolder } from "../../../trainer/src/testing/trained.ts";
import { trainedRows } from "../trained-rows.ts";

test("real rows are those of a trained model, all layers and heads together", async () => {
  const models = await mkdtemp(join(tmpdir(), "sus-models-"));
  try {
    expect(trainedRows(join(models, "none"))).toBeUndefined();
    expect(trainedRows(models)).toBeUndefined();
    await exportModel({
      run: await trainedFolder(),
      out: join(models, "tiny"),
      overwrite: false,
      machine: { device: "wasm", threads: 1 },
    });
    const load = trainedRows(models)!;
    using device = await WasmDevice.open({ threads: 1 });
    using ceiling = arithmeticCeiling(device);
    const measure = async () => {
      using rows = await load(device, 48);
      return await measureRows(device, ceiling, rows, { rows: "real", quick: true, warmUp: false });
    };
    const row = await measure();
    // The tiny model has 2 layers of 2 heads of 8.
    expect(row).toMatchObject({ suite: "attention", n: 48, d: 8, threads: 1, rows: "real", heads: 4 });
    const times = Object.entries(row).filter(([name]) => /^(forward|backward)/.test(name));
    expect(times).toHaveLength(13);
    for (const [name, value] of times) expect(value, name).toBeGreaterThan(0);
    const { forward, forwardTwoStage, backwardTwoStage, samplingTwoStage } = row as Record<string, number>;
    expect(samplingTwoStage).toBeCloseTo((forwardTwoStage! + backwardTwoStage! - forward!) / forward!, 9);
    const { used } = device.memory;
    await measure();
    expect(device.memory.used).toBe(used);
  } finally {
    await rm(models, { recursive: true });
  }
});

test("growth is a factor per doubling", async () => {
  using device = await WasmDevice.open({ threads: 1 });
  const { used } = device.memory;
  const rows = await measureGrowth(device, { c: 4, lengths: [32, 64, 256], rounds: 1 });
  const [first, second, third] = rows as Record<string, number>[];
  expect(first).not.toHaveProperty("growth");
  expect(second!["growth"]).toBeCloseTo(second!["backward"]! / first!["backward"]!, 9);
  expect(third!["growthPlain"]).toBeCloseTo(
    Math.sqrt(third!["backwardPlain"]! / second!["backwardPlain"]!),
    9,
  );
  // The kernels that were loaded stay with the device.
  expect(device.memory.used - used).toBeLessThan(2 ** 20);
});
