import { DeviceError } from "@sus/tensor";
import { commandLine } from "../command-line.ts";
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
  /** Told what happened to a device that was lost, once another one is open; the steps since the checkpoint come again. */
  readonly onLoss?: (message: string) => void;
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
    await makeStepsThroughLosses(run, options);
  } catch (error) {
    // Without a checkpoint there is nothing to go on from.
    if (run.folder.lastCheckpoint === null) await run.folder.remove();
    throw withWayOn(error, run.folder);
  }
  const compares = records.length === settings.steps && options.compare !== false;
  return await finish(run, compares ? await compareUnlessLost(run, options.signal) : null);
}

/** Losses of the device between two checkpoints after which the run gives up: the next device would go the same way. */
const mostLosses = 3;

/** Makes the steps, and opens another device where one is lost. */
async function makeStepsThroughLosses(run: Run, options: TrainOptions): Promise<void> {
  let checkpoint = run.folder.lastCheckpoint;
  let losses = 0;
  for (;;) {
    try {
      return await makeSteps(run, options);
    } catch (error) {
      const { lastCheckpoint } = run.folder;
      losses = lastCheckpoint === checkpoint ? losses + 1 : 1;
      checkpoint = lastCheckpoint;
      if (!run.trainer.device.lost || losses === mostLosses) throw error;
      await run.reopen();
      options.onLoss?.(
        `${error instanceof Error ? error.message : error}\n` +
          `Going on after step ${run.records.length} on ${run.trainer.device.name}.`,
      );
    }
  }
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

/** What cannot be written, or computed, can be tried again from the last checkpoint, which is whole. */
function withWayOn(error: unknown, { lastCheckpoint, path }: RunFolder): unknown {
  if (lastCheckpoint === null) return error;
  const message = (cause: Error) =>
    `${cause.message}\nTo go on from step ${lastCheckpoint}: ${commandLine("train", "--resume", path)}`;
  if (error instanceof WriteError) return new WriteError(message(error));
  if (error instanceof DeviceError) return new DeviceError(message(error));
  return error;
}

/** All steps are done: a device that is lost now takes only the comparison with it. */
async function compareUnlessLost({ trainer, folder }: Run, signal: AbortSignal): Promise<Comparison | null> {
  try {
    return await compareBackward(trainer, folder.config.settings.steps, signal);
  } catch (error) {
    if (trainer.device.lost) return null;
    throw error;
  }
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
