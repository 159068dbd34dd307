import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveSettings } from "../settings.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { beginRun } from "./run.ts";
import { train } from "./train.ts";

test("gpu", async () => {
  for (const device of ["wasm", "webgpu"] as const) {
    const folder = await temporaryFolder();
    const data = join(folder, "text.txt");
    await writeFile(data, "How much wood would a woodchuck chuck? ".repeat(100));
    const settings = resolveSettings({
      data,
      context: 24,
      layers: 2,
      heads: 2,
      width: 16,
      batch: 2,
      c: 4,
      threads: 1,
      steps: 4,
      evaluateOn: 2,
      device,
    });
    const t = performance.now();
    using run = await beginRun(settings, { out: join(folder, "run"), overwrite: false }, () => {});
    const t1 = performance.now();
    await train(run, { signal: new AbortController().signal, onStep: () => {} });
    console.log(
      device,
      t1 - t,
      performance.now() - t1,
      JSON.stringify(run.records.map((r) => [r.bitsPerByte, r.gradientNorm, r.keptPerRow, r.milliseconds])),
    );
  }
}, 300_000);
