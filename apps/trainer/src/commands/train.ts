import { join } from "node:path";
import { commandLine } from "../command-line.ts";
import { UsageError } from "../errors.ts";
import { formatBits } from "../format.ts";
import { optionName } from "../options.ts";
import { showProgress } from "../progress/progress.ts";
import type { Summary } from "../run-folder/summary.ts";
import { machineShape, resolveSettings } from "../settings.ts";
import { catchInterrupt, interruptedExitCode } from "../train/interrupt.ts";
import { beginRun, type Run, resumeRun, type Say } from "../train/run.ts";
import { train } from "../train/train.ts";

/** Options as they were given: those of the settings, and where the run is. */
type Given = Readonly<Record<string, unknown>> & {
  readonly out?: string;
  readonly overwrite?: true;
  readonly resume?: string;
};

/** `sus train`. */
export async function runTrain(given: Given): Promise<void> {
  using run = await openRun(given, say);
  const summary = await trainVisibly(run);
  process.stdout.write(`${outcome(run, summary)}\n`);
}

/** Says something on standard error, where it does not mix with results. */
export const say: Say = (message) => {
  process.stderr.write(`${message}\n`);
};

/** Trains with progress on standard error, to the end or to a Ctrl-C, which sets the exit code. */
export async function trainVisibly(run: Run): Promise<Summary> {
  const { steps, batch, context } = run.folder.config.settings;
  const progress = showProgress({ steps, tokensPerStep: batch * context }, process.stderr, () =>
    performance.now(),
  );
  using interrupt = catchInterrupt(() => {
    progress.say("Stopping after this step. Ctrl-C once more stops at once, without a checkpoint.");
  });
  try {
    const summary = await train(run, {
      signal: interrupt.signal,
      onStep: (record) => progress.step(record),
      onLoss: (message) => progress.say(message),
    });
    if (interrupt.signal.aborted) process.exitCode = interruptedExitCode;
    return summary;
  } finally {
    progress.end();
  }
}

async function openRun({ out, overwrite, resume, ...options }: Given, say: Say): Promise<Run> {
  if (resume === undefined) {
    const destination = { out: out ?? folderOfNow(), overwrite: overwrite ?? false };
    return await beginRun(resolveSettings(options), destination, say);
  }
  const fields = Object.keys({ ...options, ...(out && { out }), ...(overwrite && { overwrite }) });
  const other = fields.find((field) => !(field in machineShape));
  if (other !== undefined) {
    throw new UsageError(`${optionName(other)}: expected only --device and --threads with --resume`);
  }
  return await resumeRun(resume, options, say);
}

/** runs/2026-11-24T15-04-05: new, in the order of time, and a name that every file system takes. */
function folderOfNow(): string {
  return join("runs", new Date().toISOString().slice(0, 19).replaceAll(":", "-"));
}

function outcome({ folder, heldOutBefore }: Run, { bitsPerByte, steps }: Summary): string {
  const after = bitsPerByte.heldOutAfter;
  const { path, reportPath } = folder;
  const before = formatBits(heldOutBefore);
  if (steps < folder.config.settings.steps) {
    return `Stopped after step ${steps}. To go on: ${commandLine("train", "--resume", path)}`;
  }
  return [
    `Held-out text: ${before} bits per byte before, ${after === null ? "not measured" : formatBits(after)} after.`,
    `Report: ${reportPath}`,
    `To read what it writes: ${commandLine("sample", path)}`,
  ].join("\n");
}
