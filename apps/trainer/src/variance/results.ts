import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError, reason } from "../errors.ts";
import { writeAtomically } from "../run-folder/write-atomically.ts";

const number = z.number();
const position = z.int().min(0).nullable();

/** A line of the results: one group of parameters under one design, budget and length. */
export const rowSchema = z.strictObject({
  design: z.string(),
  /** Tokens in a sequence. */
  n: z.int(),
  /** Entries kept a row, on average over all rows of all heads. */
  kept: number,
  /** E‖ĝ − g‖² / Var_data(g). */
  relativeVariance: number,
  standardError: number,
  /** Of a 95 % confidence interval. */
  low: number,
  high: number,
  /** "all", or a part, layer or head: see `Group`. */
  group: z.string(),
  part: z.string().nullable(),
  layer: position,
  head: position,
  /** The budget as it was asked for: "c=30" or "kept=30", and the c that came of it, a mean over layers. */
  asked: z.string(),
  c: number,
  /** Entries kept a row in this layer or head; null elsewhere. */
  groupKept: number.nullable(),
  /** Of this head, from exact weights: 1/ΣW² and the entropy in nats; null elsewhere. */
  effectiveKeys: number.nullable(),
  entropy: number.nullable(),
  /** Of log distance against log draws, −½ without bias, and the squared bias as a share of ‖g‖²; null for one draw. */
  biasSlope: z.tuple([number, number, number]).nullable(),
  biasShare: z.tuple([number, number, number]).nullable(),
  /** ‖ĝ − g‖² of each batch, for the group "all": what two designs are compared by, batch by batch. */
  distances: z.array(number).nullable(),
  /** What it costs on the same rows in exact forward passes of attention, for the group "all" where it was measured. */
  times: z
    .strictObject({ forward: number, backward: number, share: number, exactMilliseconds: number })
    .nullable(),
  /** Of the model on these sequences, nats a token, for the group "all": longer ones than it was trained on may be worse. */
  loss: number.nullable(),
  draws: z.int(),
  /** Sequences that were sampled, and all whose gradients make the variance of the data. */
  batches: z.int(),
  dataBatches: z.int(),
  /** Of weights, text and everything else that decides the numbers. */
  fingerprint: z.string(),
});

export type Row = z.infer<typeof rowSchema>;

/** Where rows go as they are found: a file of JSON lines that always holds whole cells, or nowhere but memory. */
export class Results {
  readonly #path: string | null;
  readonly #rows: Row[];

  private constructor(path: string | null, rows: Row[]) {
    this.#path = path;
    this.#rows = rows;
  }

  /**
   * Begins a file, or goes on with one. Throws `InputError` where there is a file and `resume` is false, where it holds
   * something else, and where its rows were measured on something else.
   */
  static async open(path: string | null, fingerprint: string, resume: boolean): Promise<Results> {
    if (path === null) return new Results(path, []);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw new InputError(`--json: expected a file, got ${path}: ${reason(error)}`);
    });
    if (text === null) return new Results(path, []);
    if (!resume) {
      throw new InputError(`--json: expected a new file, ${path} exists; --resume goes on with it`);
    }
    const rows = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line, index) => parseRow(path, line, index + 1));
    if (rows.some((row) => row.fingerprint !== fingerprint)) {
      throw new InputError(
        `--resume: expected the checkpoint, text and options that ${path} was begun with, they have changed since`,
      );
    }
    return new Results(path, rows);
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** The rows of a cell, empty where it has not been measured. */
  cell(design: string, n: number, asked: string): readonly Row[] {
    return this.#rows.filter((row) => row.design === design && row.n === n && row.asked === asked);
  }

  /** Adds the rows of a cell, all or none of them. */
  async append(rows: readonly Row[]): Promise<void> {
    const all = [...this.#rows, ...rows];
    if (this.#path !== null) await writeOption("--json", this.#path, all.map(toLine).join(""));
    this.#rows.push(...rows);
  }
}

/** Writes a file that an option named. Throws `InputError`, naming it, where that is impossible. */
export async function writeOption(option: string, path: string, contents: string): Promise<void> {
  try {
    await writeAtomically(path, contents);
  } catch (error) {
    throw new InputError(`${option}: expected a file that can be written, ${path}: ${reason(error)}`);
  }
}

function toLine(row: Row): string {
  return `${JSON.stringify(row)}\n`;
}

function parseRow(path: string, line: string, index: number): Row {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(line);
  } catch {
    // Falls through to the complaint about the line.
  }
  const result = rowSchema.safeParse(parsed);
  if (result.success) return result.data;
  throw new InputError(`--json: expected ${path} to hold rows of sus variance, line ${index} is none`);
}
