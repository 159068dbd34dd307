import { join } from "node:path";
import { InputError } from "../errors.ts";
import type { StepRecord } from "../run-folder/record.ts";
import { RunFolder } from "../run-folder/run-folder.ts";
import { meanKept, type Summary } from "../run-folder/summary.ts";
import { machineShape, type Settings } from "../settings.ts";
import { beginRun, type Run, resumeRun, type Say } from "../train/run.ts";
import { train } from "../train/train.ts";
import type { FinishedRun } from "./analysis.ts";
import type { PlannedRun } from "./settings.ts";

export interface ParityHooks {
  /** Asks to stop after the step at hand. */
  readonly signal: AbortSignal;
  readonly say: Say;
  readonly onStep: (run: PlannedRun, record: StepRecord) => void;
}

/**
 * A run of the plan, brought to its end from wherever it stands in its folder: not begun, stopped, or done. Of a finished
 * run the checkpoint goes, since there may be hundreds. Null where the signal stopped it before its end.
 */
export async function finishRun(
  out: string,
  planned: PlannedRun,
  { signal, say, onStep }: ParityHooks,
): Promise<FinishedRun | null> {
  const path = join(out, planned.folder);
  const finished = await readFinished(path, planned);
  if (finished !== null) return finished;
  if (signal.aborted) return null;
  using run = await openRun(path, planned.settings, say);
  const { steps } = await train(run, { signal, onStep: (record) => onStep(planned, record), compare: false });
  if (steps < planned.settings.steps) return null;
  await run.folder.removeCheckpoint();
  return await readFinished(path, planned);
}

async function openRun(path: string, settings: Settings, say: Say): Promise<Run> {
  const folder = await openFolder(path);
  const checkpoint = await folder?.readCheckpoint().catch(() => null);
  if (!checkpoint) return await beginRun(settings, { out: path, overwrite: true }, say);
  return await resumeRun(path, { device: settings.device, threads: settings.threads }, say);
}

/** A run that has ended has a summary of all its steps. Throws `InputError` where it was made with other settings. */
async function readFinished(path: string, planned: PlannedRun): Promise<FinishedRun | null> {
  const folder = await openFolder(path);
  if (folder === null) return null;
  expectSameSettings(folder, planned.settings);
  const summary: Summary | null = await folder.readSummary();
  if (summary?.steps !== planned.settings.steps) return null;
  return toFinished(planned, await folder.readLog(summary.steps), summary);
}

/** The run in a folder; null where there is none. */
async function openFolder(path: string): Promise<RunFolder | null> {
  try {
    return await RunFolder.open(path, "--out");
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

function expectSameSettings({ path, config }: RunFolder, wanted: Settings): void {
  const ignored = new Set<string>([...Object.keys(machineShape), "data", "start"]);
  const other = Object.entries(wanted).find(
    ([field, value]) => !ignored.has(field) && config.settings[field as keyof Settings] !== value,
  );
  if (other === undefined) return;
  throw new InputError(`--resume: expected the runs of this plan, ${path} was made with another ${other[0]}`);
}

function toFinished(
  { arm, order, draw, settings }: PlannedRun,
  records: readonly StepRecord[],
  { bitsPerByte, device }: Summary,
): FinishedRun {
  const nats = (bits: number) => bits * Math.LN2;
  const { exactFirst } = settings;
  return {
    ...{ arm: arm.name, order, draw, device, exactFirst, keptPerRow: meanKept(records, exactFirst) },
    heldOut: [
      { step: 0, loss: nats(bitsPerByte.heldOutBefore) },
      ...records.flatMap(({ step, heldOut }) => (heldOut === null ? [] : [{ step, loss: nats(heldOut) }])),
    ],
    milliseconds: records.map(({ milliseconds }) => milliseconds.step),
    probeMilliseconds: records.reduce((sum, { milliseconds }) => sum + (milliseconds.probe ?? 0), 0),
  };
}
