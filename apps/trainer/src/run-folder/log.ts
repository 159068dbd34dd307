import { type FileHandle, open, readFile } from "node:fs/promises";

import { InputError, reason } from "../errors.ts";
import { recordSchema, type StepRecord } from "./record.ts";
import { writeAtomically } from "./write-atomically.ts";
import { writing } from "./writing.ts";

/** Appends to `log.jsonl` so that it always ends with a whole line. */
export class Log implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  #bytes: number;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  static async open(path: string): Promise<Log> {
    return await writing(path, async () => {
      const file = await open(path, "a");
      return new Log(path, file, (await file.stat()).size);
    });
  }

  /** One line. Throws `WriteError`, with the line taken back, where it cannot be written. */
  async append(record: StepRecord): Promise<void> {
    await writing(this.#path, () => this.#append(Buffer.from(`${JSON.stringify(record)}\n`)));
  }

  async #append(line: Buffer): Promise<void> {
    try {
      await this.#file.appendFile(line);
    } catch (error) {
      // Nothing better can be done where this fails too, and the first error is the one to tell.
      await this.#file.truncate(this.#bytes).catch(() => {});
      throw error;
    }
    this.#bytes += line.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/**
 * The records of the steps up to `lastStep`. What follows in the file, which a run that was killed may have left
 * behind its last checkpoint, is removed from it.
 */
export async function readLog(path: string, lastStep: number): Promise<StepRecord[]> {
  const text = await readFile(path, "utf8").catch((error) => {
    throw new InputError(`${path}: expected the log of a run: ${reason(error)}`);
  });
  const all = text.split("\n");
  const lines = Array.from({ length: lastStep }, (_, index) => all[index] ?? "");
  const records = lines.map((line, index) => parseRecord(path, line, index + 1));
  await writing(path, () => writeAtomically(path, lines.map((line) => `${line}\n`).join("")));
  return records;
}

function parseRecord(path: string, line: string, step: number): StepRecord {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(line);
  } catch {
    // Falls through to the complaint about the line.
  }
  const result = recordSchema.safeParse(parsed);
  if (result.success && result.data.step === step) return result.data;
  throw new InputError(`${path}: expected line ${step} to be the record of step ${step}`);
}
