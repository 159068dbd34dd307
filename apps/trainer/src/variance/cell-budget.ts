import { fold } from "@sus/graph";
import { allocateMean } from "../budgets/allocate.ts";
import { defaultExponent } from "../budgets/controller.ts";
import { type ByPart, inParts, layerBudgets, mapParts, partsOf, uniformParts } from "../budgets/parts.ts";
import { type Probed, probe } from "../budgets/probe.ts";
import { probeSequences } from "../budgets/schedule.ts";
import { defaultOversample, estimatorOf, keepingOf, takesWholeBudgets } from "../model/estimators.ts";
import { streamOf } from "../model/model.ts";
import type { Partition } from "../model/partition.ts";
import { mean } from "../run-folder/summary.ts";
import { solveBudget } from "./budget.ts";
import type { Cell } from "./cells.ts";
import { expectedKept, keptByRule, type WeightRows } from "./expected-kept.ts";
import { type BetweenPasses, type Exact, measureSampled, spread } from "./measure.ts";
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
  /** By layer, or by layer and head. */
  readonly c: ByPart;
  readonly oversample: number;
}

/**
 * The budget of each layer, or head, in a cell: as given, or solved so that as much is kept as was asked for. That follows from exact
 * weights of some rows of the text, and hangs on no draw.
 */
export async function budgetsOf(
  context: CellContext,
  cell: Cell,
  between: BetweenPasses,
): Promise<CellBudget> {
  const { layers, heads } = context.study.model.config;
  const parts = cell.split === "heads" ? partsOf(cell.design, heads) : 1;
  const { asked } = cell;
  if (asked.by === "c") return { c: uniformParts(asked.value, layers, parts), oversample: defaultOversample };
  const weights = context.exact.weights.map((rows) => (parts === 1 ? [rows.flat()] : rows));
  const same = await solveShares(cell, uniformParts(1, layers, parts), weights);
  if (cell.split === "uniform") return same;
  return await solveShares(cell, await sharesOf(context, cell, same, between), weights);
}

/** Budgets in proportion to shares that keep, over all layers and heads, as much as was asked for. */
async function solveShares(
  { design, asked }: Cell,
  shares: ByPart,
  weights: readonly (readonly WeightRows[])[],
): Promise<CellBudget> {
  const whole = takesWholeBudgets(design);
  const at = (c: number) =>
    mapParts((share) => (whole ? Math.max(1, Math.round(share * c)) : share * c), shares);
  const meanOver = (of: (rows: WeightRows, layer: number, part: number) => number) =>
    mean(mapParts((_, layer, part) => of(weights[layer]![part]!, layer, part), shares).flat());
  const isUniform = shares.flat().every((share) => share === 1);
  const solve = async (wanted: number, kept: (c: number) => number) =>
    (await solveBudget(wanted, async (c) => kept(c), { whole: whole && isUniform, tolerance: 0.002 })).c;
  if (keepingOf(design) !== "thinned") {
    const keptAt = (c: number) => {
      const budgets = at(c);
      return meanOver((rows, layer, part) => expectedKept(design, budgets[layer]![part]!, rows));
    };
    return { c: at(await solve(asked.value, keptAt)), oversample: defaultOversample };
  }
  // The last stage keeps c of a layer; the first is given room for that in every layer.
  const c = at(asked.value);
  const most = Math.min(firstStage * asked.value, 0.9 * meanOver(meanLength));
  const first = await solve(most, (budget) => meanOver((rows) => keptByRule(budget, rows)));
  return { c, oversample: Math.max(1, first / asked.value) };
}

function meanLength(rows: WeightRows): number {
  return mean(rows.map((row) => row.length));
}

/** What each part's budget should be, as a multiple of the same for all, at equal kept entries. */
async function sharesOf(
  at: CellContext,
  { design, asked, split, n }: Cell,
  same: CellBudget,
  between: BetweenPasses,
): Promise<ByPart> {
  const even = split === "even";
  const found = await (even ? ownNoise : wholeNoise)(at, design, n, same, between);
  const [kept, noise] = [found.kept.flat(), found.noise.flat()];
  const least = Math.max(...noise) * 1e-6;
  const strengths = noise.map((v, part) => Math.max(v, least) * kept[part]! ** defaultExponent);
  const bounds = { least: Math.min(4, asked.value / 2), most: (n + 1) / 2 };
  const wanted = allocateMean({ strengths, exponent: defaultExponent }, asked.value, bounds, even);
  const shares = wanted.map((k, part) => k / kept[part]!);
  return inParts(shares, found.kept);
}

/** What each part's sample adds to the variance of the whole gradient: the mean of some probes. */
async function wholeNoise(
  { study, settings }: CellContext,
  design: Cell["design"],
  n: number,
  { c, oversample }: CellBudget,
  between: BetweenPasses,
): Promise<Probed> {
  const batches = study.batches(n, settings.batches);
  const stream = streamOf(settings.seed, "probe");
  const found: Probed[] = [];
  for (let i = 0; i < noiseProbes; i++) {
    between();
    const some = Array.from({ length: probeSequences }, (_, j) => batches[(i + j) % batches.length]!);
    found.push(await probe(study.model, some, n, { name: design, c, oversample }, fold(stream, i)));
  }
  const average = (field: "kept" | "noise") =>
    mapParts((_, layer, part) => mean(found.map((probed) => probed[field][layer]![part]!)), c);
  return { kept: average("kept"), noise: average("noise") };
}

/** The extra variance of each layer's query or key matrices, the larger one, relative to their own. */
async function ownNoise(
  { study, settings, exact, whole }: CellContext,
  design: Cell["design"],
  n: number,
  { c, oversample }: CellBudget,
  between: BetweenPasses,
): Promise<Probed> {
  const stream = streamOf(settings.seed, "probe");
  const plan = {
    draws: 1,
    sampled: spread(exact.batches.length, settings.batches),
    estimatorOf: (batch: number) => estimatorOf(design, layerBudgets(c), fold(stream, batch), oversample),
  };
  const { groups, kept } = await measureSampled(study.model, whole, exact, n, plan, between);
  const noiseOf = (layer: number, part: string) => {
    const index = whole.groups.findIndex(({ name }) => name === `layers.${layer}.${part}`);
    return relativeVariance(groups[index]!)?.value ?? 0;
  };
  return {
    kept: c.map((_, layer) => [kept.perRow(layer)]),
    noise: c.map((_, layer) => [Math.max(noiseOf(layer, "query"), noiseOf(layer, "key"))]),
  };
}
