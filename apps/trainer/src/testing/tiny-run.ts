import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveSettings } from "../settings.ts";
import { beginRun, type Run } from "../train/run.ts";
import { temporaryFolder } from "./folder.ts";

/** A new run of a tiny model, the caller's to dispose; its files go when the test is over. */
export async function beginTiny(given: Readonly<Record<string, unknown>> = {}): Promise<Run> {
  const folder = await temporaryFolder();
  const data = join(folder, "text.txt");
  await writeFile(data, "How much wood would a woodchuck chuck? ".repeat(100));
  const shape = { context: 24, layers: 2, heads: 2, width: 16, batch: 2, c: 4, threads: 1, device: "wasm" };
  const settings = resolveSettings({ data, ...shape, steps: 6, evaluateOn: 2, ...given });
  return await beginRun(settings, { out: join(folder, "run"), overwrite: false }, () => {});
}
