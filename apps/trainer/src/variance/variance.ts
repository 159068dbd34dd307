import { createHash } from "node:crypto";
import { fold } from "@sus/graph";
import { estimatorOf } from "../model/estimators.ts";
import { streamOf } from "../model/model.ts";
import { mean } from "../run-folder/summary.ts";
import { budgetsOf } from "./cell-budget.ts";
import { askedName, cellsOf, designName, expectReachable } from "./cells.ts";
import { type BetweenPasses, type Exact, measureExact, measureSampled } from "./measure.ts";
import { partition } from "./partition.ts";
import type { Results, Row } from "./results.ts";
import { rowsOf } from "./rows.ts";
import type { VarianceSettings } from "./settings.ts";
import type { Study } from "./study.ts";

export interface VarianceHooks {
  /** Before each forward and backward pass. A throw stops the measurement; finished cells are in the file. */
  readonly between: BetweenPasses;
  readonly onCell: (rows: readonly Row[], done: number, total: number) => void;
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
  const { draws, batches, seed } = settings;
  const whole = partition(model.config);
  const fingerprint = fingerprintOf(study, settings);
  const cells = cellsOf(settings, study.trained.context);
  for (const cell of cells) expectReachable(cell);
  const exactOf = lastOne(async (n: number): Promise<Exact> => {
    return await measureExact(model, whole, study.batches(n, batches), n, between);
  });
  for (const [index, cell] of cells.entries()) {
    const { n } = cell;
    const facts = { design: designName(cell), n, asked: askedName(cell), draws, batches, fingerprint };
    let rows = results.cell(facts.design, n, facts.asked);
    if (rows.length === 0) {
      const exact = await exactOf(n);
      const c = await budgetsOf({ study, settings, whole, exact }, cell, between);
      const plan = {
        draws,
        estimatorOf: (batch: number, draw: number) =>
          estimatorOf(cell.design, c, fold(fold(streamOf(seed, "estimator"), batch), draw)),
      };
      const sampled = await measureSampled(model, whole, exact, n, plan, between);
      rows = rowsOf(facts, mean(c), whole, sampled, exact.concentrations);
      await results.append(rows);
    }
    onCell(rows, index + 1, cells.length);
  }
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
