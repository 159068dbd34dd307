import { readFile } from "node:fs/promises";
import { InputError, reason } from "../errors.ts";
import { formatTable } from "../format-table.ts";
import { readText } from "../text/source.ts";
import { catchInterrupt, interruptedExitCode } from "../train/interrupt.ts";
import { resolveUpdatesSettings } from "../updates/settings.ts";
import { tableHead, tableRows } from "../updates/table.ts";
import { measureUpdates } from "../updates/updates.ts";
import { writeOption } from "../variance/results.ts";
import { say } from "./train.ts";

/** `sus updates`: what the optimiser makes of the noise of sampled gradients, along a run of exact training. */
export async function runUpdates(given: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = resolveUpdatesSettings(given);
  const { training, json, seeds, at } = settings;
  const { bytes } = await readText(training.data);
  if (json !== null) await expectNew(json);
  using interrupt = catchInterrupt(() =>
    say("Stopping after this pass, without the order at hand. Ctrl-C once more stops at once."),
  );
  const { rows, orders } = await measureUpdates(settings, bytes, interrupt.signal, {
    onStep: (order, step) => {
      if (at.includes(step)) say(`order ${order}/${seeds}: step ${step}/${at.at(-1)}`);
    },
    // From two orders on there are intervals, and rows.
    onOrder: async (rows) => {
      if (json !== null && rows.length > 0) {
        await writeOption("--json", json, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      }
    },
  });
  if (rows.length > 0) process.stdout.write(`${formatTable(tableHead, tableRows(rows))}\n`);
  if (orders === seeds) return;
  process.exitCode = interruptedExitCode;
  say(`Stopped after ${orders} of ${seeds} orders.`);
}

/** Throws `InputError` where the file holds something, or cannot be written: before the work, not after it. */
async function expectNew(path: string): Promise<void> {
  const contents = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    // Whether it can be written is told next.
    if (["ENOENT", "ENOTDIR"].includes(error.code ?? "")) return "";
    throw new InputError(`--json: expected a new file, got ${path}: ${reason(error)}`);
  });
  if (contents !== "") throw new InputError(`--json: expected a new file, ${path} exists`);
  await writeOption("--json", path, "");
}
