import { resolve } from "node:path";
import { InputError } from "../errors.ts";
import { expectMemory } from "../model/memory.ts";
import { expectOptions } from "../options.ts";
import type { Config } from "../run-folder/config.ts";
import type { StepRecord } from "../run-folder/record.ts";
import { RunFolder } from "../run-folder/run-folder.ts";
import { expectFitting, type Settings, settingsSchema } from "../settings.ts";
import { readText, type Text } from "../text/source.ts";
import { Trainer } from "./trainer.ts";

/** A run between two steps: what `train` goes on with. */
export interface Run extends Disposable {
  readonly folder: RunFolder;
  /** Another one after `reopen`. */
  readonly trainer: Trainer;
  /** Of the steps done so far. */
  readonly records: StepRecord[];
  readonly heldOutBefore: number;
  /** Opens a device in place of one that was lost, and goes back to the last checkpoint, or to the start. */
  reopen(): Promise<void>;
}

/** Tells the user something that is worth knowing and no error. */
export type Say = (message: string) => void;

export interface Destination {
  readonly out: string;
  readonly overwrite: boolean;
}

/**
 * Sets up a new run. The folder is made last, once everything has been found to fit: settings, text and device.
 * Throws `InputError` where something does not.
 */
export async function beginRun(settings: Settings, { out, overwrite }: Destination, say: Say): Promise<Run> {
  expectFitting(settings);
  expectMemory(settings);
  await RunFolder.expectFree(out, overwrite);
  const text = await readText(settings.data);
  sayInvalid(text, say);
  const trainer = await Trainer.open(settings, text.bytes);
  try {
    const heldOutBefore = await trainer.evaluate();
    const folder = await RunFolder.create(out, toConfig(settings, text));
    return toRun(folder, trainer, text.bytes, { records: [], heldOutBefore });
  } catch (error) {
    trainer[Symbol.dispose]();
    throw error;
  }
}

/**
 * Picks up a run at its last checkpoint. `machine` may name another `device` or number of `threads` than before. Throws
 * `InputError` where the folder, its files or the text are not what they were, `UsageError` for a value out of range.
 */
export async function resumeRun(
  path: string,
  machine: Readonly<Record<string, unknown>>,
  say: Say,
): Promise<Run> {
  const folder = await RunFolder.open(path, "--resume");
  const settings = expectOptions(settingsSchema, { ...folder.config.settings, ...machine });
  const checkpoint = await folder.readCheckpoint();
  if (checkpoint.step >= settings.steps && (await folder.isFinished())) {
    throw new InputError(`--resume: expected a run with steps left, ${path} has done all ${settings.steps}`);
  }
  const text = await readText(settings.data);
  expectSame(text, folder.config, path);
  sayInvalid(text, say);
  const records = await folder.readLog(checkpoint.step);
  const trainer = await Trainer.open(settings, text.bytes, { checkpoint, records });
  const { heldOutBefore } = checkpoint;
  return toRun(folder, trainer, text.bytes, { records, heldOutBefore });
}

function toRun(
  folder: RunFolder,
  trainer: Trainer,
  bytes: Uint8Array,
  { records, heldOutBefore }: { readonly records: StepRecord[]; readonly heldOutBefore: number },
): Run {
  let current = trainer;
  return {
    folder,
    records,
    heldOutBefore,
    get trainer() {
      return current;
    },
    async reopen() {
      const { settings } = current;
      current[Symbol.dispose]();
      const kept = await folder.readLog(folder.lastCheckpoint ?? 0);
      const progress =
        folder.lastCheckpoint === null ? {} : { checkpoint: await folder.readCheckpoint(), records: kept };
      current = await Trainer.open(settings, bytes, progress);
      records.splice(kept.length);
    },
    [Symbol.dispose]: () => current[Symbol.dispose](),
  };
}

function toConfig(settings: Settings, { name, bytes, sha256 }: Text): Config {
  // Absolute, so that the run can be resumed from another folder.
  const absolute = (path: string | null) => (path === null ? null : resolve(path));
  const [data, start] = [absolute(settings.data), absolute(settings.start)];
  return { format: 1, settings: { ...settings, data, start }, text: { name, bytes: bytes.length, sha256 } };
}

function expectSame(text: Text, config: Config, path: string): void {
  if (text.sha256 === config.text.sha256) return;
  throw new InputError(
    `--resume: expected the text that ${path} was begun with (${config.text.bytes} bytes of ${config.text.name}), ` +
      `it has changed since`,
  );
}

function sayInvalid({ invalidUtf8: files }: Text, say: Say): void {
  if (files.length === 0) return;
  const names = files.length === 1 ? files[0] : `${files[0]} and ${files.length - 1} more files`;
  say(`note: ${names}: not valid UTF-8, which is fine: every byte is a token`);
}
