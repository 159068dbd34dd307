import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InputError, reason } from "../errors.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { type Config, configSchema } from "./config.ts";
import { Log, readLog } from "./log.ts";
import type { StepRecord } from "./record.ts";
import type { Summary } from "./summary.ts";
import { writeAtomically } from "./write-atomically.ts";
import { writing } from "./writing.ts";

const files = {
  config: "config.json",
  log: "log.jsonl",
  checkpoint: "checkpoint.safetensors",
  summary: "summary.json",
  report: "report.html",
} as const;

/** The files of one run. Each is whole at any moment: see `writeAtomically` and `Log`. */
export class RunFolder {
  readonly path: string;
  readonly config: Config;
  #lastCheckpoint: number | null = null;
  /** The outermost folder that was made for it, if any. */
  readonly #made: string | undefined;

  private constructor(path: string, config: Config, made?: string) {
    this.path = path;
    this.config = config;
    this.#made = made;
  }

  /** Throws `InputError` unless a new run can go to this folder. */
  static async expectFree(path: string, overwrite: boolean): Promise<void> {
    const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw new InputError(`--out: expected a new or an empty folder, got ${path}: ${reason(error)}`);
    });
    if (names.length > 0 && !overwrite) {
      throw new InputError(
        `--out: expected a new or an empty folder, ${path} is not empty; --overwrite replaces the run in it`,
      );
    }
  }

  /** Begins a run in a folder that `expectFree` has accepted. Files of an earlier run go, others stay. */
  static async create(path: string, config: Config): Promise<RunFolder> {
    const made = await writing(path, () => mkdir(path, { recursive: true }));
    const folder = new RunFolder(path, config, made);
    try {
      await folder.#removeFiles();
      await folder.#write(files.config, toJson(config));
    } catch (error) {
      await folder.remove();
      throw error;
    }
    return folder;
  }

  /** Finds an earlier run. `option` is what named the folder, for the message of the `InputError`. */
  static async open(path: string, option: string): Promise<RunFolder> {
    const wanted = `${option}: expected the folder of a run, got ${path}`;
    const text = await readFile(join(path, files.config), "utf8").catch((error) => {
      throw new InputError(`${wanted}: ${reason(error)}`);
    });
    let config: unknown;
    try {
      config = JSON.parse(text);
    } catch (error) {
      throw new InputError(`${wanted}: ${files.config}: ${reason(error)}`);
    }
    const result = configSchema.safeParse(config);
    if (result.success) return new RunFolder(path, result.data);
    const { path: field, message } = result.error.issues[0]!;
    throw new InputError(`${wanted}: ${files.config}: ${field.join(".")}: expected ${message}`);
  }

  /** Whether the run has come to its end: the report is the last file that is written. */
  async isFinished(): Promise<boolean> {
    const names = await readdir(this.path);
    return names.includes(files.summary) && names.includes(files.report);
  }

  get reportPath(): string {
    return join(this.path, files.report);
  }

  /** The step of the checkpoint that was read or written last; null where there was none. */
  get lastCheckpoint(): number | null {
    return this.#lastCheckpoint;
  }

  /** Throws `InputError` where there is none or it is broken. */
  async readCheckpoint(): Promise<Checkpoint> {
    const path = join(this.path, files.checkpoint);
    const file = await readFile(path).catch((error) => {
      throw new InputError(`${path}: expected a checkpoint: ${reason(error)}`);
    });
    const checkpoint = decodeCheckpoint(path, file);
    this.#lastCheckpoint = checkpoint.step;
    return checkpoint;
  }

  async writeCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await this.#write(files.checkpoint, encodeCheckpoint(checkpoint));
    this.#lastCheckpoint = checkpoint.step;
  }

  /** For a run that is over and will not be gone on with. */
  async removeCheckpoint(): Promise<void> {
    await rm(join(this.path, files.checkpoint), { force: true });
    this.#lastCheckpoint = null;
  }

  /** The records of the steps up to the last checkpoint; later ones are dropped from the file. */
  async readLog(lastStep: number): Promise<StepRecord[]> {
    return await readLog(join(this.path, files.log), lastStep);
  }

  async openLog(): Promise<Log> {
    return await Log.open(join(this.path, files.log));
  }

  /** Null where there is none. */
  async readSummary(): Promise<Summary | null> {
    const text = await readFile(join(this.path, files.summary), "utf8").catch(() => null);
    return text === null ? null : (JSON.parse(text) as Summary);
  }

  async writeSummary(summary: Summary): Promise<void> {
    await this.#write(files.summary, toJson(summary));
  }

  async writeReport(html: string): Promise<void> {
    await this.#write(files.report, html);
  }

  /** Undoes `create`: for a run that has not come to anything. */
  async remove(): Promise<void> {
    await this.#removeFiles();
    if (this.#made !== undefined) await removeEmpty(resolve(this.path), resolve(this.#made));
  }

  async #removeFiles(): Promise<void> {
    for (const name of Object.values(files)) await rm(join(this.path, name), { force: true });
  }

  async #write(name: string, contents: string | Uint8Array): Promise<void> {
    const path = join(this.path, name);
    await writing(path, () => writeAtomically(path, contents));
  }
}

/** Removes a folder and those around it up to `outermost`, as long as they are empty. */
async function removeEmpty(folder: string, outermost: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    return;
  }
  if (folder !== outermost) await removeEmpty(dirname(folder), outermost);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
