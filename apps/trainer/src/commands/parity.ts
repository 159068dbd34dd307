import { UsageError } from "../errors.ts";
import { formatTable } from "../format-table.ts";
import { optionName } from "../options.ts";
import { ParityFolder } from "../parity/folder.ts";
import { compare } from "../parity/parity.ts";
import type { PlannedRun } from "../parity/settings.ts";
import { resolveParitySettings } from "../parity/settings.ts";
import { tableHead, tableRows } from "../parity/table.ts";
import { showProgress } from "../progress/progress.ts";
import type { StepRecord } from "../run-folder/record.ts";
import { machineShape, type Settings } from "../settings.ts";
import { catchInterrupt, interruptedExitCode } from "../train/interrupt.ts";

/** Options as they were given: those of the plan and of training, and where the runs are. */
type Given = Readonly<Record<string, unknown>> & { readonly out: string; readonly resume?: true };

/** `sus parity`: the same model trained exactly and with sampled gradients, several times. */
export async function runParity({ out, resume, ...options }: Given): Promise<void> {
  const folder = resume
    ? await reopen(out, options)
    : await ParityFolder.create(out, resolveParitySettings(options));
  const progress = progressOf(folder);
  using interrupt = catchInterrupt(() =>
    progress.say("Stopping after this step. Ctrl-C once more stops at once."),
  );
  try {
    const { results, done, total } = await compare(folder, { signal: interrupt.signal, ...progress });
    progress.end();
    if (results.length > 0) process.stdout.write(`${formatTable(tableHead, tableRows(results))}\n`);
    if (done === total) process.stdout.write(`Report: ${folder.reportPath}\n`);
    else {
      process.exitCode = interruptedExitCode;
      process.stdout.write(
        `Stopped after ${done} of ${total} runs. To go on: sus parity --out ${out} --resume\n`,
      );
    }
  } finally {
    progress.end();
  }
}

/** What may change: the machine, and how many orders there are, so that more evidence can be added. */
async function reopen(out: string, options: Readonly<Record<string, unknown>>): Promise<ParityFolder> {
  const folder = await ParityFolder.open(out);
  const other = Object.keys(options).find((field) => field !== "seeds" && !(field in machineShape));
  if (other !== undefined) {
    throw new UsageError(`${optionName(other)}: expected only --seeds, --device and --threads with --resume`);
  }
  const { plan, training } = folder.settings;
  return await folder.change(resolveParitySettings({ ...training, ...plan, ...options }));
}

/** A bar or lines for the run at hand, and what is said between runs. */
function progressOf({ settings: { training } }: ParityFolder) {
  const begin = ({ steps, batch, context }: Settings) =>
    showProgress({ steps, tokensPerStep: batch * context }, process.stderr, () => performance.now());
  let shown: PlannedRun | null = null;
  let current = begin(training);
  return {
    say: (message: string) => current.say(message),
    onStep: (run: PlannedRun, record: StepRecord) => {
      if (run !== shown) current = begin(run.settings);
      shown = run;
      current.step(record);
    },
    end: () => current.end(),
  };
}
