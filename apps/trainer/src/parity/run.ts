import { join } from "node:path";
import { InputError } from "../errors.ts";
import { optionName } from "../options.ts";
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
 * run the checkpoint goes, since there may be hundreds. Null where the signal stopped it before its end. Throws `InputError`
 * where text or weights to start with are no longer those of an earlier run of the plan, before the run begins.
 */
export async function finishRun(
  out: string,
  planned: PlannedRun,
  earlier: FinishedRun | undefined,
  { signal, say, onStep }: ParityHooks,
): Promise<FinishedRun | null> {
  const path = join(out, planned.folder);
  const finished = await readFinished(path, planned);
  if (finished !== null) {
    expectSameStart(finished, earlier, path);
    return finished;
  }
  if (signal.aborted) return null;
  using run = await openRun(path, planned.settings, say);
  const { text } = run.folder.config;
  expectSameStart({ text: text.sha256, heldOut: [{ loss: nats(run.heldOutBefore) }] }, earlier, path);
  const { steps } = await train(run, {
    ...{ signal, onLoss: say, compare: false },
    onStep: (record) => onStep(planned, record),
  });
  if (steps < planned.settings.steps) return null;
  await run.folder.removeCheckpoint();
  return await readFinished(path, planned);
}

/** Goes on with a run that was stopped; on another machine it begins again, so that its times are those of one. */
async function openRun(path: string, settings: Settings, say: Say): Promise<Run> {
  const folder = await openFolder(path);
  const begun = folder?.config.settings;
  const isHere = begun?.device === settings.device && begun.threads === settings.threads;
  const checkpoint = await folder?.readCheckpoint().catch(() => null);
  if (checkpoint && !isHere)
    say(`note: ${path} was begun with another --device or --threads and begins again`);
  if (!checkpoint || !isHere) return await beginRun(settings, { out: path, overwrite: true }, say);
  return await resumeRun(path, { device: settings.device, threads: settings.threads }, say);
}

/** A run that has ended has a summary of all its steps. Throws `InputError` where it was made with other settings. */
async function readFinished(path: string, planned: PlannedRun): Promise<FinishedRun | null> {
  const folder = await openFolder(path);
  if (folder === null) return null;
  expectSameSettings(folder, planned.settings);
  const summary: Summary | null = await folder.readSummary();
  if (summary?.steps !== planned.settings.steps) return null;
  return toFinished(planned, await folder.readLog(summary.steps), summary, folder.config.text.sha256);
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
  throw new InputError(
    `--resume: expected the runs of this plan, ${path} was made with another ${optionName(other[0])}`,
  );
}

/** Losses before training are equal but for the rounding of devices. */
const tolerance = 1e-3;

function expectSameStart(
  run: Pick<FinishedRun, "text"> & { readonly heldOut: readonly { readonly loss: number }[] },
  earlier: FinishedRun | undefined,
  path: string,
): void {
  if (earlier === undefined) return;
  const changed = (what: string) =>
    new InputError(`--resume: expected the ${what} of the runs so far, ${path} has another`);
  if (run.text !== earlier.text) throw changed("text");
  if (Math.abs(run.heldOut[0]!.loss - earlier.heldOut[0]!.loss) > tolerance) {
    throw changed("weights to start with");
  }
}

function nats(bits: number): number {
  return bits * Math.LN2;
}

function toFinished(
  { arm, order, draw, settings }: PlannedRun,
  records: readonly StepRecord[],
  { bitsPerByte, device }: Summary,
  text: string,
): FinishedRun {
  const { exactFirst } = settings;
  return {
    ...{ arm: arm.name, order, draw, text, device, exactFirst, keptPerRow: meanKept(records, exactFirst) },
    heldOut: [
      { step: 0, loss: nats(bitsPerByte.heldOutBefore) },
      ...records.flatMap(({ step, heldOut }) => (heldOut === null ? [] : [{ step, loss: nats(heldOut) }])),
    ],
    milliseconds: records.map(({ milliseconds }) => milliseconds.step),
    probeMilliseconds: records.reduce((sum, { milliseconds }) => sum + (milliseconds.probe ?? 0), 0),
  };
}
