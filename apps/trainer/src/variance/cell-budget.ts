import { fold } from "@sus/graph";
import { allocateMean } from "../budgets/allocate.ts";
import { defaultExponent, type Measurement } from "../budgets/controller.ts";
import { probe, probeSequences } from "../budgets/probe.ts";
import { defaultOversample, estimatorOf, keepingOf, takesWholeBudgets } from "../model/estimators.ts";
import { streamOf } from "../model/model.ts";
import { mean } from "../run-folder/summary.ts";
import { solveBudget } from "./budget.ts";
import type { Cell } from "./cells.ts";
import { expectedKept, keptByRule, type LayerWeights } from "./expected-kept.ts";
import { type BetweenPasses, type Exact, measureSampled, spread } from "./measure.ts";
import type { Partition } from "./partition.ts";
import { relativeVariance } from "./relative-variance.ts";
import type { VarianceSettings } from "./settings.ts";
import type { Study } from "./study.ts";

/** Probes of the noise of each layer, for balanced budgets: their mean is known to some 15 %. */
const noiseProbes = 6;
/** How many times what is kept in the end the first stage of a two-stage design keeps, where that was asked for. */
const firstStage = 3;

/** What the cells of one length have in common. */
export interface CellContext {
  readonly study: Study;
  readonly settings: VarianceSettings;
  readonly whole: Partition;
  readonly exact: Exact;
}

/** What a cell gives to its estimator. */
export interface CellBudget {
  /** By layer. */
  readonly c: readonly number[];
  readonly oversample: number;
}

/**
 * The budget of each layer in a cell: as given, or solved so that as much is kept as was asked for. That follows from exact
 * weights of some rows of the text, and hangs on no draw.
 */
export async function budgetsOf(
  context: CellContext,
  cell: Cell,
  between: BetweenPasses,
): Promise<CellBudget> {
  const { weights } = context.exact;
  const uniform = new Array<number>(weights.length).fill(1);
  if (cell.asked.by === "c") return { c: uniform.map(() => cell.asked.value), oversample: defaultOversample };
  const same = await solveShares(cell, uniform, weights);
  if (cell.split === "uniform") return same;
  return await solveShares(cell, await sharesOf(context, cell, same, between), weights);
}

/** Budgets in proportion to shares that keep, over all layers, as much as was asked for. */
async function solveShares(
  { design, asked }: Cell,
  shares: readonly number[],
  weights: readonly LayerWeights[],
): Promise<CellBudget> {
  const whole = takesWholeBudgets(design);
  const at = (c: number) => shares.map((share) => (whole ? Math.max(1, Math.round(share * c)) : share * c));
  const meanOver = (of: (layer: number) => number) => mean(shares.map((_, layer) => of(layer)));
  const isUniform = shares.every((share) => share === 1);
  const solve = async (wanted: number, kept: (c: number) => number) =>
    (await solveBudget(wanted, async (c) => kept(c), { whole: whole && isUniform, tolerance: 0.002 })).c;
  if (keepingOf(design) !== "thinned") {
    const keptAt = (c: number) => {
      const budgets = at(c);
      return meanOver((layer) => expectedKept(design, budgets[layer]!, weights[layer]!));
    };
    return { c: at(await solve(asked.value, keptAt)), oversample: defaultOversample };
  }
  // The last stage keeps c of a layer; the first is given room for that in every layer.
  const c = at(asked.value);
  const most = Math.min(firstStage * asked.value, 0.9 * meanOver((layer) => meanLength(weights[layer]!)));
  const first = await solve(most, (budget) => meanOver((layer) => keptByRule(budget, weights[layer]!)));
  return { c, oversample: Math.max(1, first / asked.value) };
}

function meanLength(rows: LayerWeights): number {
  return mean(rows.map((row) => row.length));
}

/** What each layer's budget should be, as a multiple of the same for all, at equal kept entries. */
async function sharesOf(
  at: CellContext,
  { design, asked, split, n }: Cell,
  same: CellBudget,
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
  { c, oversample }: CellBudget,
  between: BetweenPasses,
): Promise<Measurement> {
  const batches = study.batches(n, settings.batches);
  const stream = streamOf(settings.seed, "probe");
  const found: Measurement[] = [];
  for (let i = 0; i < noiseProbes; i++) {
    between();
    const some = Array.from({ length: probeSequences }, (_, j) => batches[(i + j) % batches.length]!);
    found.push(await probe(study.model, some, n, { name: design, c, oversample }, fold(stream, i)));
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
  { c, oversample }: CellBudget,
  between: BetweenPasses,
): Promise<Measurement> {
  const stream = streamOf(settings.seed, "probe");
  const plan = {
    draws: 1,
    sampled: spread(exact.batches.length, settings.batches),
    estimatorOf: (batch: number) => estimatorOf(design, c, fold(stream, batch), oversample),
  };
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
