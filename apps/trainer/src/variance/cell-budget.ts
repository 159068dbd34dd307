import { fold, type Key } from "@sus/graph";
import { allocateMean } from "../budgets/allocate.ts";
import { defaultExponent, type Measurement } from "../budgets/controller.ts";
import { probe, probeSequences } from "../budgets/probe.ts";
import { estimatorOf, takesWholeBudgets } from "../model/estimators.ts";
import { streamOf } from "../model/model.ts";
import { mean } from "../run-folder/summary.ts";
import { solveBudget } from "./budget.ts";
import type { Cell } from "./cells.ts";
import { type BetweenPasses, measureKept } from "./measure.ts";
import type { VarianceSettings } from "./settings.ts";
import type { Study } from "./study.ts";

/** Tokens on which the budget for `--kept` is solved, in whole sequences. */
const probeTokens = 8192;
/** Probes of the noise of each layer, for balanced budgets: their mean is known to some 15 %. */
const noiseProbes = 6;

/** The budget of each layer in a cell: as given, or solved so that as much is kept as was asked for. */
export async function budgetsOf(
  study: Study,
  settings: VarianceSettings,
  cell: Cell,
  between: BetweenPasses,
): Promise<readonly number[]> {
  const { layers } = study.model.config;
  const uniform = new Array<number>(layers).fill(1);
  if (cell.asked.by === "c") return uniform.map(() => cell.asked.value);
  // A stream of its own: budgets must not depend on the draws that are measured.
  const key = fold(streamOf(settings.seed, "estimator"), settings.batches);
  const same = await solveShares(study, settings, cell, uniform, key, between);
  if (cell.split === "uniform") return same;
  return await solveShares(
    study,
    settings,
    cell,
    await sharesOf(study, settings, cell, same, between),
    key,
    between,
  );
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

/** What each layer's budget should be, as a multiple of the same for all, for the least noise at equal kept entries. */
async function sharesOf(
  study: Study,
  settings: VarianceSettings,
  { design, n, asked }: Cell,
  same: readonly number[],
  between: BetweenPasses,
): Promise<readonly number[]> {
  const batches = study.batches(n, settings.batches);
  const stream = streamOf(settings.seed, "probe");
  const found: Measurement[] = [];
  for (let i = 0; i < noiseProbes; i++) {
    between();
    const some = Array.from({ length: probeSequences }, (_, j) => batches[(i + j) % batches.length]!);
    found.push(await probe(study.model, some, n, { name: design, c: same }, fold(stream, i)));
  }
  const [kept, noise] = (["kept", "noise"] as const).map((field) =>
    same.map((_, layer) => mean(found.map((measurement) => measurement[field][layer]!))),
  ) as [number[], number[]];
  const least = Math.max(...noise) * 1e-6;
  const strengths = noise.map((v, layer) => Math.max(v, least) * kept[layer]! ** defaultExponent);
  const bounds = { least: Math.min(4, asked.value / 2), most: (n + 1) / 2 };
  const wanted = allocateMean({ strengths, exponent: defaultExponent }, asked.value, bounds);
  return wanted.map((k, layer) => k / kept[layer]!);
}
