import { mkdir, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError, reason } from "../errors.ts";
import { writeAtomically } from "../run-folder/write-atomically.ts";
import { writing } from "../run-folder/writing.ts";
import type { ArmResult } from "./analysis.ts";
import { renderParityPage } from "./page.ts";
import { type ParitySettings, paritySchema } from "./settings.ts";

const files = { plan: "parity.json", results: "results.jsonl", report: "report.html" } as const;

/** The folder of a comparison: its plan, its results, and a run folder for each run, arm by arm. */
export class ParityFolder {
  readonly path: string;
  readonly settings: ParitySettings;

  private constructor(path: string, settings: ParitySettings) {
    this.path = path;
    this.settings = settings;
  }

  /** Throws `InputError` unless the folder is new or empty. */
  static async create(path: string, settings: ParitySettings): Promise<ParityFolder> {
    await writing(path, () => mkdir(path, { recursive: true }));
    if ((await readdir(path)).length > 0) {
      throw new InputError(
        `--out: expected a new or an empty folder, ${path} is not empty; --resume goes on with it`,
      );
    }
    const { plan, training } = settings;
    // Absolute, so that it can be gone on with from another folder.
    const absolute = (file: string | null) => (file === null ? null : resolve(file));
    const [data, start] = [absolute(training.data), absolute(training.start)];
    return await new ParityFolder(path, settings).change({ plan, training: { ...training, data, start } });
  }

  /** Finds an earlier comparison. Throws `InputError` where there is none. */
  static async open(path: string): Promise<ParityFolder> {
    const wanted = `--resume: expected the folder of sus parity in --out, got ${path}`;
    let plan: unknown;
    try {
      plan = JSON.parse(await readFile(join(path, files.plan), "utf8"));
    } catch (error) {
      throw new InputError(`${wanted}: ${reason(error)}`);
    }
    const result = paritySchema.safeParse(plan);
    if (result.success) return new ParityFolder(path, result.data);
    const { path: field, message } = result.error.issues[0]!;
    throw new InputError(`${wanted}: ${files.plan}: ${field.join(".")}: expected ${message}`);
  }

  /** The same comparison with some settings changed, which are written down. */
  async change(settings: ParitySettings): Promise<ParityFolder> {
    await this.#write(files.plan, `${JSON.stringify(settings, null, 2)}\n`);
    return new ParityFolder(this.path, settings);
  }

  get reportPath(): string {
    return join(this.path, files.report);
  }

  /** Writes the results so far, a line an arm, and the page. */
  async writeResults(results: readonly ArmResult[]): Promise<void> {
    await this.#write(files.results, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
    await this.#write(files.report, renderParityPage(results, this.settings));
  }

  async #write(name: string, contents: string): Promise<void> {
    const path = join(this.path, name);
    await writing(path, () => writeAtomically(path, contents));
  }
}
