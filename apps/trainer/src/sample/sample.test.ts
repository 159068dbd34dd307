import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveSettings } from "../settings.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { beginRun } from "../train/run.ts";
import { train } from "../train/train.ts";
import { sampleText } from "./sample.ts";
import { resolveSampleSettings } from "./settings.ts";

test("a model that has learned a text by heart goes on with it", async () => {
  const folder = await temporaryFolder();
  const data = join(folder, "text.txt");
  await writeFile(data, "zażółć gęślą ".repeat(100));
  const shape = { context: 32, layers: 1, heads: 2, width: 32, batch: 4, threads: 1 };
  const settings = resolveSettings({ data, ...shape, steps: 60, learningRate: 0.02, evaluateOn: 1 });
  using run = await beginRun(settings, { out: join(folder, "run"), overwrite: false }, () => {});
  await train(run, { signal: new AbortController().signal, onStep: () => {} });

  const given = resolveSampleSettings({ prompt: "zażó", length: 24, temperature: 0, window: 16 });
  const pieces = await Array.fromAsync(sampleText(run.trainer.model, given));
  // 24 bytes are 15 characters, none of them cut in two.
  expect(pieces.join("")).toBe("zażółć gęślą zażółć");
});
