import { fold, type Key } from "@sus/graph";
import { allocateMean } from "../budgets/allocate.ts";
import { defaultExponent, type Measurement } from "../budgets/controller.ts";
import { probe, probeSequences } from "../budgets/probe.ts";
import { estimatorOf, takesWholeBudgets } from "../model/estimators.ts";
import { streamOf } from "../model/model.ts";
import { mean } from "../run-folder/summary.ts";
import { solveBudget } from "./budget.ts";
import type { Cell } from "./cells.ts";
import { type BetweenPasses, type Exact, measureKept, measureSampled } from "./measure.ts";
import type { Partition } from "./partition.ts";
import { relativeVariance } from "./relative-variance.ts";
import type { VarianceSettings } from "./settings.ts";
import type { Study } from "./study.ts";

/** Tokens on which the budget for `--kept` is solved, in whole sequences. */
const probeTokens = 8192;
/** Probes of the noise of each layer, for balanced budgets: their mean is known to some 15 %. */
const noiseProbes = 6;

/** What the cells of one length have in common. */
export interface CellContext {
  readonly study: Study;
  readonly settings: VarianceSettings;
  readonly whole: Partition;
  readonly exact: Exact;
}

/** The budget of each layer in a cell: as given, or solved so that as much is kept as was asked for. */
export async function budgetsOf(
  context: CellContext,
  cell: Cell,
  between: BetweenPasses,
): Promise<readonly number[]> {
  const { study, settings } = context;
  const { layers } = study.model.config;
  const uniform = new Array<number>(layers).fill(1);
  if (cell.asked.by === "c") return uniform.map(() => cell.asked.value);
  // A stream of its own: budgets must not depend on the draws that are measured.
  const key = fold(streamOf(settings.seed, "estimator"), settings.batches);
  const same = await solveShares(study, settings, cell, uniform, key, between);
  if (cell.split === "uniform") return same;
  const shares = await sharesOf(context, cell, same, between);
  return await solveShares(study, settings, cell, shares, key, between);
}

/** Budgets in proportion to shares that keep, over all layers, as much as was asked for. */
async function solveShares(
  study: Study,
  settings: VarianceSettings,
  { design, n, asked }: Cell,
  shares: readonly number[],
  key: Key,
  between: BetweenPasses,
): Promise<readonly number[]> {
  const whole = takesWholeBudgets(design);
  const at = (c: number) => shares.map((share) => (whole ? Math.max(1, Math.round(share * c)) : share * c));
  const batches = study.batches(n, settings.batches).slice(0, Math.ceil(probeTokens / n));
  const keptAt = (c: number) =>
    measureKept(study.model, batches, n, (batch) => estimatorOf(design, at(c), fold(key, batch)), between);
  const isUniform = shares.every((share) => share === 1);
  return at((await solveBudget(asked.value, keptAt, { whole: whole && isUniform })).c);
}

/** What each layer's budget should be, as a multiple of the same for all, at equal kept entries. */
async function sharesOf(
  at: CellContext,
  { design, asked, split, n }: Cell,
  same: readonly number[],
  between: BetweenPasses,
): Promise<readonly number[]> {
  const even = split === "even";
  const { kept, noise } = await (even ? ownNoise : wholeNoise)(at, design, n, same, between);
  const least = Math.max(...noise) * 1e-6;
  const strengths = noise.map((v, layer) => Math.max(v, least) * kept[layer]! ** defaultExponent);
  const bounds = { least: Math.min(4, asked.value / 2), most: (n + 1) / 2 };
  const wanted = allocateMean({ strengths, exponent: defaultExponent }, asked.value, bounds, even);
  return wanted.map((k, layer) => k / kept[layer]!);
}

/** What each layer's sample adds to the variance of the whole gradient: the mean of some probes. */
async function wholeNoise(
  { study, settings }: CellContext,
  design: Cell["design"],
  n: number,
  c: readonly number[],
  between: BetweenPasses,
): Promise<Measurement> {
  const batches = study.batches(n, settings.batches);
  const stream = streamOf(settings.seed, "probe");
  const found: Measurement[] = [];
  for (let i = 0; i < noiseProbes; i++) {
    between();
    const some = Array.from({ length: probeSequences }, (_, j) => batches[(i + j) % batches.length]!);
    found.push(await probe(study.model, some, n, { name: design, c }, fold(stream, i)));
  }
  const average = (field: "kept" | "noise") =>
    c.map((_, layer) => mean(found.map((measurement) => measurement[field][layer]!)));
  return { kept: average("kept"), noise: average("noise") };
}

/** The extra variance of each layer's query or key matrices, the larger one, relative to their own. */
async function ownNoise(
  { study, settings, exact, whole }: CellContext,
  design: Cell["design"],
  n: number,
  c: readonly number[],
  between: BetweenPasses,
): Promise<Measurement> {
  const stream = streamOf(settings.seed, "probe");
  const plan = { draws: 1, estimatorOf: (batch: number) => estimatorOf(design, c, fold(stream, batch)) };
  const { groups, kept } = await measureSampled(study.model, whole, exact, n, plan, between);
  const noiseOf = (layer: number, part: string) => {
    const index = whole.groups.findIndex(({ name }) => name === `layers.${layer}.${part}`);
    return relativeVariance(groups[index]!)?.value ?? 0;
  };
  return {
    kept: c.map((_, layer) => kept.perRow(layer)),
    noise: c.map((_, layer) => Math.max(noiseOf(layer, "query"), noiseOf(layer, "key"))),
  };
}
