import { UsageError } from "../errors.ts";
import { takeParity, takeUpdates, takeVariance, writeEvidence } from "../evidence/folder.ts";

export interface Given {
  readonly folder: string;
  /** "brown=runs/a.jsonl,runs/b.jsonl" */
  readonly variance?: readonly string[];
  /** "short=runs/parity" */
  readonly parity?: readonly string[];
  /** "short=runs/updates.jsonl" */
  readonly updates?: readonly string[];
}

/** `sus evidence`: takes results into a folder, and writes the page and its plots from all that is there. */
export async function runEvidence({
  folder,
  variance = [],
  parity = [],
  updates = [],
}: Given): Promise<void> {
  for (const [model, files] of variance.map((text) => named("--variance", text))) {
    await takeVariance(folder, model, files.split(","));
  }
  for (const [name, path] of parity.map((text) => named("--parity", text)))
    await takeParity(folder, name, path);
  for (const [name, file] of updates.map((text) => named("--updates", text)))
    await takeUpdates(folder, name, file);
  process.stdout.write(`${await writeEvidence(folder)}\n`);
}

function named(option: string, text: string): [name: string, rest: string] {
  const [, name, rest] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || rest === undefined) {
    throw new UsageError(`${option}: expected a name, "=" and where its results are, got ${text}`);
  }
  return [name, rest];
}
