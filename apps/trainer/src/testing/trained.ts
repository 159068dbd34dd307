import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveSettings } from "../settings.ts";
import { beginRun } from "../train/run.ts";
import { train } from "../train/train.ts";
import { temporaryFolder } from "./folder.ts";
import { woodchuck } from "./woodchuck.ts";

/** The run folder of a tiny model that has been trained for some steps, which goes when the test is over. */
export async function trainedFolder(given: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = await temporaryFolder();
  const data = join(folder, "text.txt");
  await writeFile(data, woodchuck);
  const shape = { context: 64, layers: 2, heads: 2, width: 16, batch: 4, c: 8, threads: 1 };
  const training = { steps: 30, learningRate: 0.01, heldOut: 0.2, evaluateOn: 2 };
  const settings = resolveSettings({ data, ...shape, ...training, ...given });
  const out = join(folder, "run");
  using run = await beginRun(settings, { out, overwrite: false }, () => {});
  await train(run, { signal: new AbortController().signal, onStep: () => {} });
  return out;
}
