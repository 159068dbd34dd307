import { WriteError } from "../errors.ts";
import { renderReport } from "../report/report.ts";
import type { StepRecord } from "../run-folder/record.ts";
import type { RunFolder } from "../run-folder/run-folder.ts";
import { type Comparison, type Summary, summarise } from "../run-folder/summary.ts";
import { compareBackward } from "./comparison.ts";
import type { Run } from "./run.ts";

export interface TrainOptions {
  /** Asks to stop after the step at hand. */
  readonly signal: AbortSignal;
  readonly onStep: (record: StepRecord) => void;
  /** Whether to time sampled against exact backward passes in the end. Default: true. */
  readonly compare?: boolean;
}

/**
 * Makes the steps that are left and writes the run's files: a line of the log each step, a checkpoint now and then,
 * and in the end summary and report. Stopped by the signal, it leaves a checkpoint after the last step, from which
 * `resumeRun` goes on as if nothing had happened.
 */
export async function train(run: Run, options: TrainOptions): Promise<Summary> {
  const { records } = run;
  const { settings } = run.folder.config;
  try {
    await makeSteps(run, options);
  } catch (error) {
    if (records.length === 0) await run.folder.remove();
    throw withWayOn(error, run.folder);
  }
  const compares = records.length === settings.steps && options.compare !== false;
  return await finish(
    run,
    compares ? await compareBackward(run.trainer, settings.steps, options.signal) : null,
  );
}

async function makeSteps(
  { folder, trainer, records, heldOutBefore }: Run,
  options: TrainOptions,
): Promise<void> {
  const { steps, evaluateEvery, checkpointEvery } = folder.config.settings;
  await using log = await folder.openLog();
  let stopped = false;
  for (let step = records.length + 1; step <= steps && !stopped; step++) {
    const measured = await trainer.step(step);
    const isDue = (interval: number) => step === steps || step % interval === 0;
    const record = { ...measured, heldOut: isDue(evaluateEvery) ? await trainer.evaluate() : null };
    await log.append(record);
    records.push(record);
    options.onStep(record);
    stopped = options.signal.aborted;
    if (stopped || isDue(checkpointEvery)) {
      await folder.writeCheckpoint({ step, heldOutBefore, ...(await trainer.read()) });
    }
  }
}

/** What cannot be written can be tried again from the last checkpoint, which is whole. */
function withWayOn(error: unknown, { lastCheckpoint, path }: RunFolder): unknown {
  if (!(error instanceof WriteError) || lastCheckpoint === null) return error;
  return new WriteError(`${error.message}\nTo go on from step ${lastCheckpoint}: sus train --resume ${path}`);
}

async function finish(
  { folder, trainer, records, heldOutBefore }: Run,
  comparison: Comparison | null,
): Promise<Summary> {
  const summary = summarise(folder.config, records, {
    device: trainer.device,
    parameters: trainer.parameters,
    heldOutBefore,
    comparison,
  });
  await folder.writeSummary(summary);
  await folder.writeReport(renderReport(folder.config, records, summary));
  return summary;
}
