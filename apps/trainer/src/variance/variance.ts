import { createHash } from "node:crypto";
import { fold, type Key } from "@sus/graph";
import { layerBudgets } from "../budgets/parts.ts";
import { estimatorOf } from "../model/estimators.ts";
import { streamOf } from "../model/model.ts";
import { type Partition, partition } from "../model/partition.ts";
import { mean } from "../run-folder/summary.ts";
import { budgetsOf, type CellBudget } from "./cell-budget.ts";
import { askedName, type Cell, cellsOf, designName, expectReachable } from "./cells.ts";
import { type BetweenPasses, measureExact, measureSampled, spread } from "./measure.ts";
import type { Results, Row } from "./results.ts";
import { rowsOf } from "./rows.ts";
import type { VarianceSettings } from "./settings.ts";
import type { Study } from "./study.ts";
import { measureTimes } from "./times.ts";

export interface VarianceHooks {
  /** Before each forward and backward pass. A throw stops the measurement; finished cells are in the file. */
  readonly between: BetweenPasses;
  readonly onCell: (rows: readonly Row[], done: number, total: number) => void;
}

/** Of everything that a cell's numbers depend on, but the cell. */
export function fingerprintOf(study: Study, settings: VarianceSettings): string {
  const { draws, batches, dataBatches, seed } = settings;
  const { heldOut, context } = study.trained;
  const facts = JSON.stringify([study.hash, heldOut, context, draws, batches, dataBatches, seed]);
  return createHash("sha256").update(facts).digest("hex").slice(0, 12);
}

/**
 * Measures the cells that `results` does not hold yet, length by length, and adds their rows to it one by one. What is exact
 * is measured once a length, and shared by all of its cells.
 */
export async function measureVariance(
  study: Study,
  settings: VarianceSettings,
  results: Results,
  hooks: VarianceHooks,
): Promise<void> {
  const whole = partition(study.model.config);
  const cells = cellsOf(settings, study.trained.context);
  for (const cell of cells) expectReachable(cell);
  const done = (cell: Cell) => results.cell(designName(cell), cell.n, askedName(cell));
  const count = { done: 0, total: cells.length };
  for (const n of new Set(cells.map((cell) => cell.n))) {
    const [old, open] = [true, false].map((isDone) =>
      cells.filter((cell) => cell.n === n && done(cell).length > 0 === isDone),
    ) as [Cell[], Cell[]];
    for (const cell of old) hooks.onCell(done(cell), ++count.done, count.total);
    if (open.length > 0) await measureLength({ study, settings, whole, results, hooks, count }, n, open);
  }
}

interface Measuring {
  readonly study: Study;
  readonly settings: VarianceSettings;
  readonly whole: Partition;
  readonly results: Results;
  readonly hooks: VarianceHooks;
  readonly count: { done: number; total: number };
}

/** Cells of one length. */
async function measureLength(
  { study, settings, whole, results, hooks, count }: Measuring,
  n: number,
  cells: readonly Cell[],
): Promise<void> {
  const { model } = study;
  const { draws, batches, seed, times: rounds } = settings;
  const { between } = hooks;
  const dataBatches = settings.dataBatches ?? batches;
  const exact = await measureExact(model, whole, study.batches(n, dataBatches), n, between);
  const budgets: CellBudget[] = [];
  for (const cell of cells) budgets.push(await budgetsOf({ study, settings, whole, exact }, cell, between));
  const stream = streamOf(seed, "estimator");
  const estimatorFor = (index: number, key: Key) =>
    estimatorOf(cells[index]!.design, layerBudgets(budgets[index]!.c), key, budgets[index]!.oversample);
  const times =
    rounds === 0
      ? null
      : await measureTimes(model, exact.batches[0]!, n, {
          ...{ rounds, between },
          estimators: cells.map((_, index) => estimatorFor(index, stream)),
        });
  for (const [index, cell] of cells.entries()) {
    const plan = {
      draws,
      sampled: spread(dataBatches, batches),
      estimatorOf: (batch: number, draw: number) => estimatorFor(index, fold(fold(stream, batch), draw)),
    };
    const sampled = await measureSampled(model, whole, exact, n, plan, between);
    const facts = {
      ...{ design: designName(cell), n, asked: askedName(cell), draws, batches, dataBatches },
      ...{ fingerprint: fingerprintOf(study, settings), times: times?.[index] ?? null },
      loss: exact.loss,
    };
    const rows = rowsOf(facts, mean(budgets[index]!.c.flat()), whole, sampled, exact.concentrations);
    await results.append(rows);
    hooks.onCell(rows, ++count.done, count.total);
  }
}
