import { UsageError } from "../errors.ts";
import { formatTable } from "../format-table.ts";
import { catchInterrupt, interruptedExitCode } from "../train/interrupt.ts";
import { renderVariancePage } from "../variance/page.ts";
import { Results, type Row, writeOption } from "../variance/results.ts";
import { resolveVarianceSettings, type VarianceSettings } from "../variance/settings.ts";
import { openStudy, type Study } from "../variance/study.ts";
import { percent, tableHead, tableRows } from "../variance/table.ts";
import { fingerprintOf, measureVariance } from "../variance/variance.ts";
import { say } from "./train.ts";

/** `sus variance`: what sampling adds to the variance of the gradient of a trained model. */
export async function runVariance(given: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = resolveVarianceSettings(given);
  if (settings.resume && settings.json === null) {
    throw new UsageError("--resume: expected --json, the file to go on with");
  }
  using study = await openStudy(settings);
  const results = await Results.open(settings.json, fingerprintOf(study, settings), settings.resume);
  const finished = await measureUntilStopped(study, settings, results);
  if (results.rows.length > 0) {
    process.stdout.write(`${formatTable(tableHead(results.rows), tableRows(results.rows))}\n`);
    if (settings.html !== null) {
      const { checkpoint } = settings;
      const html = renderVariancePage(results.rows, { checkpoint, textName: study.textName });
      await writeOption("--html", settings.html, html);
    }
  }
  if (finished) return;
  process.exitCode = interruptedExitCode;
  say(settings.json === null ? "Stopped." : "Stopped. The same command with --resume goes on.");
}

/** A Ctrl-C ends the measurement before its next pass. Returns whether all cells are done. */
async function measureUntilStopped(
  study: Study,
  settings: VarianceSettings,
  results: Results,
): Promise<boolean> {
  using interrupt = catchInterrupt(() => say("Stopping after this pass. Ctrl-C once more stops at once."));
  const { signal } = interrupt;
  try {
    await measureVariance(study, settings, results, {
      between: () => signal.throwIfAborted(),
      onCell: (rows, done, total) => say(`${done}/${total}  ${describe(rows)}`),
    });
    return true;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return false;
    throw error;
  }
}

function describe(rows: readonly Row[]): string {
  const { design, n, asked, kept, relativeVariance, low, high } = rows.find(({ group }) => group === "all")!;
  const range = `${percent(low)} … ${percent(high)}`;
  return `${design}, n = ${n}, ${asked}: ${kept.toFixed(1)} kept a row, ${percent(relativeVariance)} (${range})`;
}
