import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError, reason } from "../errors.ts";
import type { ArmResult } from "../parity/analysis.ts";
import { paritySchema } from "../parity/settings.ts";
import { writeAtomically } from "../run-folder/write-atomically.ts";
import { writing } from "../run-folder/writing.ts";
import { updateRowSchema } from "../updates/rows.ts";
import { rowSchema } from "../variance/results.ts";
import { type Evidence, renderEvidence } from "./page.ts";
import {
  type ParityRecord,
  parityHeadSchema,
  planeOf,
  type UpdateRecord,
  updateRecordSchema,
  type VarianceRecord,
  varianceRecordSchema,
  varianceRecords,
} from "./records.ts";

const template = "template.md";

/** Takes results of `sus variance` into the folder, in place of those of that model. */
export async function takeVariance(folder: string, model: string, files: readonly string[]): Promise<void> {
  const records: VarianceRecord[] = [];
  for (const file of files) {
    const rows = (await linesOf(file, "--variance")).map((line) =>
      valid(file, "rows of sus variance", () => rowSchema.parse(line)),
    );
    records.push(...varianceRecords(model, rows));
  }
  await write(folder, `variance-${model}.jsonl`, toLines(records));
}

/** Takes the results in a folder of `sus parity`, in place of those of that name. */
export async function takeParity(folder: string, name: string, path: string): Promise<void> {
  const [plan] = await linesOf(join(path, "parity.json"), "--parity", true);
  const { training, ...rest } = valid(path, "the folder of sus parity", () => paritySchema.parse(plan));
  // Without the paths of this machine.
  const nameOf = (file: string | null) => (file === null ? null : basename(file));
  const [data, start] = [nameOf(training.data), nameOf(training.start)];
  const head = { name, settings: { ...rest, training: { ...training, data, start } } };
  const results = await linesOf(join(path, "results.jsonl"), "--parity");
  await write(folder, `parity-${name}.jsonl`, toLines([head, ...results]));
}

/** Takes results of `sus updates`, in place of those of that name. */
export async function takeUpdates(folder: string, name: string, file: string): Promise<void> {
  const records = (await linesOf(file, "--updates")).map(
    (line): UpdateRecord => ({
      name,
      ...valid(file, "rows of sus updates", () => updateRowSchema.parse(line)),
    }),
  );
  await write(folder, `updates-${name}.jsonl`, toLines(records));
}

/** All that the folder holds. */
export async function readEvidence(folder: string): Promise<Evidence> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const variance: VarianceRecord[] = [];
  const parity: ParityRecord[] = [];
  const updates: UpdateRecord[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if (/^variance-.*\.jsonl$/.test(name)) {
      const lines = await linesOf(path, "--folder");
      variance.push(
        ...lines.map((line) => valid(path, "rows of variances", () => varianceRecordSchema.parse(line))),
      );
    } else if (/^parity-.*\.jsonl$/.test(name)) {
      const [head, ...results] = await linesOf(path, "--folder");
      const { settings, name: own } = valid(path, "a comparison", () => parityHeadSchema.parse(head));
      parity.push({ name: own, settings, results: results as ArmResult[] });
    } else if (/^updates-.*\.jsonl$/.test(name)) {
      const lines = await linesOf(path, "--folder");
      updates.push(
        ...lines.map((line) => valid(path, "rows of updates", () => updateRecordSchema.parse(line))),
      );
    }
  }
  return { variance, parity, updates };
}

/** Writes the page beside the folder from its template, and plots and the plane into it. Gives the page's path. */
export async function writeEvidence(folder: string): Promise<string> {
  const evidence = await readEvidence(folder);
  const text = await readFile(join(folder, template), "utf8").catch((error) => {
    throw new InputError(`--folder: expected ${template} in ${folder}: ${reason(error)}`);
  });
  const { markdown, charts } = renderEvidence(text, evidence, basename(folder));
  for (const [name, svg] of charts) await write(folder, name, svg);
  const plane = planeOf(evidence.variance);
  if (plane.length > 0) await write(folder, "plane.jsonl", toLines(plane));
  const page = `${basename(folder)}.md`;
  await write(dirname(folder), page, markdown);
  return join(dirname(folder), page);
}

async function write(folder: string, name: string, contents: string): Promise<void> {
  const path = join(folder, name);
  await writing(path, async () => {
    await mkdir(folder, { recursive: true });
    await writeAtomically(path, contents);
  });
}

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

async function linesOf(path: string, option: string, whole = false): Promise<unknown[]> {
  const text = await readFile(path, "utf8").catch((error) => {
    throw new InputError(`${option}: expected results, got ${path}: ${reason(error)}`);
  });
  const lines = whole ? [text] : text.split("\n").filter((line) => line !== "");
  return lines.map((line) => valid(path, "JSON lines", () => JSON.parse(line) as unknown));
}

function valid<R>(path: string, wanted: string, parse: () => R): R {
  try {
    return parse();
  } catch {
    throw new InputError(`expected ${wanted}, got another file at ${path}`);
  }
}
