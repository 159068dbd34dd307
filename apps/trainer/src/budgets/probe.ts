import type { Kept, Transformer } from "@sus/attention";
import { fold, type Key } from "@sus/graph";
import { type EstimatorName, estimatorOf } from "../model/estimators.ts";
import { byGroup, type Partition, partition, squares } from "../model/partition.ts";
import type { Batch } from "../text/batches.ts";
import { differentiate, readFlat } from "../train/differentiate.ts";
import { type ByPart, layerBudgets, mapParts } from "./parts.ts";

/** What a pass is sampled with, but its keys: an estimator by name, and the budget of each part. */
export interface ProbeEstimator {
  readonly name: EstimatorName;
  readonly c: ByPart;
  readonly oversample?: number;
}

/** What a probe found. */
export interface Probed {
  /** Entries kept a row. */
  readonly kept: ByPart;
  /** What each part's sample adds to the variance of the whole gradient, relative to that of the data. */
  readonly noise: ByPart;
}

/**
 * What each layer's sample adds to the variance of the whole gradient, relative to that of the data, at budgets `c`.
 *
 * Two gradients of one sequence that differ in the draws of layer ℓ alone lie √2 times its standard deviation apart,
 * `E‖ĝ − ĝ′‖² = 2·v_ℓ`: no exact gradient is needed. Layers interact little, so Σ v_ℓ is what sampling adds, at most
 * a little less. The variance of the data is what is left of that between the sequences' sampled gradients.
 *
 * Where heads have budgets, v_ℓ is split between them as ‖ĝ − ĝ′‖² is in what each head alone moves, its queries', keys' and
 * values' matrices (those that query heads share in equal parts): what goes on to the layers below is taken to go with it.
 *
 * `probeSequences` + layers passes.
 *
 * @param batches one sequence each, `probeSequences` of them.
 */
export async function probe(
  model: Transformer,
  batches: readonly Batch[],
  length: number,
  { name, c, oversample }: ProbeEstimator,
  key: Key,
): Promise<Probed> {
  const { layers } = model.config;
  const parts = partition(model.config);
  const kept = c.map((budgets) => budgets.map(() => 0));
  const gradientOf = async (batch: Batch, keys: readonly Key[]) => {
    using _ = model.device.scope();
    const pass = await differentiate(
      model,
      batch,
      length,
      estimatorOf(name, layerBudgets(c), keys, oversample),
    );
    const gradient = await readFlat(pass.gradients.values());
    return { gradient, kept: await keptByPart(pass.kept, c) };
  };
  const keysOf = (sequence: number) =>
    Array.from({ length: layers }, (_, layer) => fold(fold(key, sequence), layer));

  const gradients: Float32Array[] = [];
  for (const [sequence, batch] of batches.entries()) {
    const { gradient, kept: perRow } = await gradientOf(batch, keysOf(sequence));
    gradients.push(gradient);
    mapParts((count, layer, part) => (kept[layer]![part]! += count / batches.length), perRow);
  }
  const fresh = keysOf(batches.length);
  const variances: number[][] = [];
  for (let layer = 0; layer < layers; layer++) {
    // Layers share the sequences out between them.
    const sequence = layer % batches.length;
    const keys = keysOf(sequence).with(layer, fresh[layer]!);
    const { gradient: other } = await gradientOf(batches[sequence]!, keys);
    const moved = squares(parts, gradients[sequence]!, other);
    const v = moved.reduce((sum, square) => sum + square, 0) / 2;
    const shares = c[layer]!.length === 1 ? [1] : headShares(parts, layer, moved);
    variances.push(shares.map((share) => v * share));
  }
  const sampling = variances.flat().reduce((sum, v) => sum + v, 0);
  const natural = dataVariance(gradients, sampling);
  return { kept, noise: mapParts((v) => v / natural, variances) };
}

async function keptByPart(kept: Kept, like: ByPart): Promise<ByPart> {
  const [perRow, perHead] = [await kept.perRow(), await kept.perHead()];
  return like.map((budgets, layer) => (budgets.length === 1 ? [perRow[layer]!] : perHead[layer]!));
}

/** Each head's share of how far two gradients lie apart, `moved` by block, in a layer's queries, keys and values. */
function headShares(whole: Partition, layer: number, moved: Float64Array): number[] {
  const distances = byGroup(whole, moved);
  const of = (part: "query" | "key" | "value") =>
    whole.groups.flatMap((group, i) =>
      group.part === part && group.layer === layer && group.head !== null ? [distances[i]!] : [],
    );
  const [query, key, value] = [of("query"), of("key"), of("value")];
  const sharing = query.length / key.length;
  const own = query.map((square, head) => {
    const shared = Math.floor(head / sharing);
    return square + (key[shared]! + value[shared]!) / sharing;
  });
  const total = own.reduce((sum, square) => sum + square, 0);
  return own.map((square) => (total === 0 ? 1 / own.length : square / total));
}

/** Of few gradients the difference may be anything: a tenth of the whole is the least that is believed. */
function dataVariance(gradients: readonly Float32Array[], sampling: number): number {
  const pairs = gradients.flatMap((a, i) => gradients.slice(i + 1).map((b) => squaredDistance(a, b) / 2));
  const whole = pairs.reduce((sum, square) => sum + square, 0) / pairs.length;
  return Math.max(whole - sampling, whole / 10);
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}
