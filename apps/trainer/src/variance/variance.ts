import { createHash } from "node:crypto";
import type { Estimator } from "@sus/attention";
import { fold } from "@sus/graph";
import { InputError } from "../errors.ts";
import { streamOf } from "../model/model.ts";
import { takesWholeBudgets } from "../settings.ts";
import { type Budget, solveBudget } from "./budget.ts";
import { type BetweenPasses, type Exact, measureExact, measureKept, measureSampled } from "./measure.ts";
import { partition } from "./partition.ts";
import type { Results, Row } from "./results.ts";
import { rowsOf } from "./rows.ts";
import type { VarianceSettings } from "./settings.ts";
import type { Study } from "./study.ts";

/** One thing to measure. */
export interface Cell {
  readonly design: VarianceSettings["designs"][number];
  readonly n: number;
  readonly asked: { readonly by: "c" | "kept"; readonly value: number };
}

export interface VarianceHooks {
  /** Before each forward and backward pass. A throw stops the measurement; finished cells are in the file. */
  readonly between: BetweenPasses;
  readonly onCell: (rows: readonly Row[], done: number, total: number) => void;
}

/** Tokens on which the budget for `--kept` is solved, in whole sequences. */
const probeTokens = 8192;

/** All cells that the settings ask for, one length after the other: what is exact is measured once a length. */
export function cellsOf(settings: VarianceSettings, context: number): Cell[] {
  const budgets = [
    ...(settings.c ?? []).map((value) => ({ by: "c", value }) as const),
    ...(settings.kept ?? []).map((value) => ({ by: "kept", value }) as const),
  ];
  return (settings.context ?? [context]).flatMap((n) =>
    budgets.flatMap((asked) => settings.designs.map((design) => ({ design, n, asked }))),
  );
}

/** Of everything that a cell's numbers depend on, but the cell. */
export function fingerprintOf(study: Study, { draws, batches, seed }: VarianceSettings): string {
  const facts = JSON.stringify([
    study.hash,
    study.trained.heldOut,
    study.trained.context,
    draws,
    batches,
    seed,
  ]);
  return createHash("sha256").update(facts).digest("hex").slice(0, 12);
}

/** Measures the cells that `results` does not hold yet, and adds their rows to it one by one. */
export async function measureVariance(
  study: Study,
  settings: VarianceSettings,
  results: Results,
  { between, onCell }: VarianceHooks,
): Promise<void> {
  const { model } = study;
  const whole = partition(model.config);
  const cells = cellsOf(settings, study.trained.context);
  for (const cell of cells) expectReachable(cell);
  const exactOf = lastOne(async (n: number): Promise<Exact> => {
    return await measureExact(model, whole, study.batches(n, settings.batches), n, between);
  });
  for (const [index, cell] of cells.entries()) {
    const { design, n, asked } = cell;
    const name = `${asked.by}=${asked.value}`;
    let rows = results.cell(design, n, name);
    if (rows.length === 0) {
      const exact = await exactOf(n);
      const budget = await budgetOf(study, settings, cell, between);
      const estimatorOf = (batch: number, draw: number): Estimator => ({
        ...{ c: budget.c, design },
        key: fold(fold(streamOf(settings.seed, "estimator"), batch), draw),
      });
      const plan = { draws: settings.draws, estimatorOf };
      const sampled = await measureSampled(model, whole, exact, n, plan, between);
      const { draws, batches } = settings;
      const facts = { design, n, asked: name, draws, batches, fingerprint: fingerprintOf(study, settings) };
      rows = rowsOf(facts, budget, whole, sampled, exact.concentrations);
      await results.append(rows);
    }
    onCell(rows, index + 1, cells.length);
  }
}

/** The c of a cell: as given, or solved so that the first sequences keep as much as was asked for. */
async function budgetOf(
  study: Study,
  settings: VarianceSettings,
  { design, n, asked }: Cell,
  between: BetweenPasses,
): Promise<Pick<Budget, "c">> {
  if (asked.by === "c") return { c: asked.value };
  const batches = study.batches(n, settings.batches).slice(0, Math.ceil(probeTokens / n));
  // A stream of its own: budgets must not depend on the draws that are measured.
  const key = fold(streamOf(settings.seed, "estimator"), settings.batches);
  return await solveBudget(
    asked.value,
    (c) => measureKept(study.model, batches, n, (batch) => ({ c, design, key: fold(key, batch) }), between),
    { whole: takesWholeBudgets(design) },
  );
}

/** Remembers the result of the last call: gradients are large, and lengths come one after the other. */
function lastOne<R>(compute: (n: number) => Promise<R>): (n: number) => Promise<R> {
  let last: { readonly n: number; readonly result: R } | undefined;
  return async (n) => {
    if (last?.n !== n) {
      last = undefined;
      last = { n, result: await compute(n) };
    }
    return last.result;
  };
}

function expectReachable({ design, n, asked: { by, value } }: Cell): void {
  if (by === "kept" && value >= (n + 1) / 2) {
    throw new InputError(
      `--kept: expected fewer than the ${(n + 1) / 2} keys of a row of ${n} on average, got ${value}`,
    );
  }
  if (by === "c" && takesWholeBudgets(design) && !Number.isInteger(value)) {
    throw new InputError(`--c: expected whole numbers for the design ${design}, got ${value}`);
  }
}
