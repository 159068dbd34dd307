import { expect, test } from "vitest";
import { resolveSettings } from "../settings.ts";
import { Trainer } from "../train/trainer.ts";
import { estimateMemory, expectMemory } from "./memory.ts";

const text = new TextEncoder().encode("A man, a plan, a canal: Panama. ".repeat(400));

test.each([
  {},
  { recompute: true },
  { c: "all" },
  { design: "two-stage" },
  { activation: "swiglu", norm: "layer", positions: "learned", keyValueHeads: 2 },
  { layers: 8, width: 64, batch: 2 },
])("the estimate is within a tenth of the measured peak: %o", async (given) => {
  const settings = resolveSettings({ context: 1024, threads: 1, heldOut: 0.3, exactFirst: 0, ...given });
  using trainer = await Trainer.open(settings, text);
  await trainer.step(1);
  const { model, step } = estimateMemory(settings);
  expect((model + step) / trainer.device.memory.peak).toBeGreaterThan(0.9);
  expect((model + step) / trainer.device.memory.peak).toBeLessThan(1.1);
});

test("the default model takes a step at 32,768 tokens in one memory, with and without recomputing", () => {
  for (const recompute of [false, true]) {
    expect(() => expectMemory(resolveSettings({ context: 32_768, recompute }))).not.toThrow();
  }
});

test("what cannot fit is refused with the estimate and a way out", () => {
  expect(() => expectMemory(resolveSettings({ context: 131_072 }))).toThrow(
    /^--context or --batch: expected a run of at most 4\.0 GiB, got about 0\.0 GiB for the model and \d\.\d GiB for a step; --recompute takes less$/,
  );
  expect(() => expectMemory(resolveSettings({ width: 8192 }))).toThrow(
    /^--width or --layers: expected a run of at most 4\.0 GiB, got about \d+\.\d GiB for the model/,
  );
});
