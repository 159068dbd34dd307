import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LoadRows } from "../../../packages/attention/src/attention/rows.bench.ts";
import { realRows } from "../../trainer/src/real-rows/index.ts";

/** Where the committed trained models are, as seen from the built program. */
const models = fileURLToPath(new URL("../../../models/", import.meta.url));

/** The attention of the first committed model on its held-out text, or nothing where none is there. */
export function trainedRows(folder: string = models): LoadRows | undefined {
  const model = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .find((name) => existsSync(join(folder, name, "model.safetensors")))
    : undefined;
  return model === undefined ? undefined : (device, n) => realRows(device, join(folder, model), n);
}
