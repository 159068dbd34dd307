import type { Transformer } from "@sus/attention";
import { fold, type Key } from "@sus/graph";
import { type EstimatorName, estimatorOf } from "../model/estimators.ts";
import type { Batch } from "../text/batches.ts";
import { differentiate, readFlat } from "../train/differentiate.ts";
import type { Measurement } from "./controller.ts";

/** Sequences of a probe: the variance between their gradients is what noise is compared with. */
export const probeSequences = 4;

/** Forward and backward passes of one sequence that a probe takes. */
export function passesOf(layers: number): number {
  return probeSequences + layers;
}

/** What a pass is sampled with, but its keys: an estimator by name, and the budget of each layer. */
export interface ProbeEstimator {
  readonly name: EstimatorName;
  readonly c: readonly number[];
  readonly oversample?: number;
}

/**
 * What each layer's sample adds to the variance of the whole gradient, relative to that of the data, at budgets `c`.
 *
 * Two gradients of one sequence that differ in the draws of layer ℓ alone lie √2 times its standard deviation apart,
 * `E‖ĝ − ĝ′‖² = 2·v_ℓ`: no exact gradient is needed. Layers interact little, so Σ v_ℓ is what sampling adds, at most
 * a little less. The variance of the data is what is left of that between the sequences' sampled gradients.
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
): Promise<Measurement> {
  const { layers } = model.config;
  const kept = new Array<number>(layers).fill(0);
  const gradientOf = async (batch: Batch, keys: readonly Key[]) => {
    using _ = model.device.scope();
    const pass = await differentiate(model, batch, length, estimatorOf(name, c, keys, oversample));
    return { gradient: await readFlat(pass.gradients.values()), perRow: await pass.kept.perRow() };
  };
  const keysOf = (sequence: number) =>
    Array.from({ length: layers }, (_, layer) => fold(fold(key, sequence), layer));

  const gradients: Float32Array[] = [];
  for (const [sequence, batch] of batches.entries()) {
    const { gradient, perRow } = await gradientOf(batch, keysOf(sequence));
    gradients.push(gradient);
    for (const [layer, count] of perRow.entries()) kept[layer]! += count / batches.length;
  }
  const fresh = keysOf(batches.length);
  const variances: number[] = [];
  for (let layer = 0; layer < layers; layer++) {
    // Layers share the sequences out between them.
    const sequence = layer % batches.length;
    const keys = keysOf(sequence).with(layer, fresh[layer]!);
    const { gradient: other } = await gradientOf(batches[sequence]!, keys);
    variances.push(squaredDistance(gradients[sequence]!, other) / 2);
  }
  const sampling = variances.reduce((sum, v) => sum + v, 0);
  const natural = dataVariance(gradients, sampling);
  return { kept, noise: variances.map((v) => v / natural) };
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
