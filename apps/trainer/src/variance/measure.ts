import type { Estimator, LossOptions, Transformer } from "@sus/attention";
import { attentionInputs } from "../model/attention-layers.ts";
import { nextTurn } from "../next-turn.ts";
import type { Batch } from "../text/batches.ts";
import { differentiate, forward, readFlat } from "../train/differentiate.ts";
import { type Concentration, concentrationOf } from "./concentration.ts";
import { byGroup, type Partition, squares } from "./partition.ts";
import type { Distances } from "./relative-variance.ts";
import { SquaredDistances } from "./squared-distances.ts";

type Csr = Parameters<NonNullable<LossOptions["onSample"]>>[0];

/** Entries that samples kept, and the rows they had, by layer and head. */
export class KeptCounts {
  readonly rows: number[][] = [];
  readonly entries: number[][] = [];

  /** Mean entries a row: of a head, of a layer, or of all. */
  perRow(layer: number | null = null, head: number | null = null): number {
    const [rows, entries] = [this.rows, this.entries].map((counts) => {
      const layers = layer === null ? counts : [counts[layer]!];
      return layers.flatMap((heads) => (head === null ? heads : [heads[head]!])).reduce((a, b) => a + b, 0);
    }) as [number, number];
    return entries / rows;
  }

  /** Counts the rows of a sample [b·hq·n, n]. */
  async add(sample: Csr, layer: number, heads: number): Promise<void> {
    const length = sample.shape[1];
    const indptr = await sample.indptr.read();
    this.rows[layer] ??= new Array<number>(heads).fill(0);
    this.entries[layer] ??= new Array<number>(heads).fill(0);
    for (let start = 0, head = 0; start < sample.shape[0]; start += length, head = (head + 1) % heads) {
      this.rows[layer]![head]! += length;
      this.entries[layer]![head]! += indptr[start + length]! - indptr[start]!;
    }
  }
}

/** Sequences of one length, and what the exact gradient of each is: what every estimator is held against. */
export interface Exact {
  readonly batches: readonly Batch[];
  readonly gradients: readonly Float32Array[];
  /** ‖g‖² and ‖g − ḡ‖² by batch and block. */
  readonly norms: readonly Float64Array[];
  readonly deviations: readonly Float64Array[];
  readonly concentrations: readonly Concentration[];
}

/** What happens between two passes: the caller may show progress, or stop by throwing. */
export type BetweenPasses = () => void;

/** Rows of each head whose exact weights are looked at, of the first sequence. */
const concentrationRows = 64;

/** The exact gradient of each batch: sequences of `length` tokens. */
export async function measureExact(
  model: Transformer,
  whole: Partition,
  batches: readonly Batch[],
  length: number,
  between: BetweenPasses,
): Promise<Exact> {
  const gradients: Float32Array[] = [];
  const concentrations: Concentration[] = [];
  for (const [index, batch] of batches.entries()) {
    between();
    using _ = model.device.scope();
    const { loss, gradients: exact } = await differentiate(model, batch, length, { c: "all" });
    gradients.push(await readFlat(exact.values()));
    if (index > 0) continue;
    for (const [layer, inputs] of attentionInputs(loss).entries()) {
      concentrations.push(...(await concentrationOf(inputs, layer, concentrationRows)));
    }
  }
  const mean = meanOf(gradients);
  const norms = gradients.map((g) => squares(whole, g));
  return {
    batches,
    gradients,
    norms,
    deviations: gradients.map((g) => squares(whole, g, mean)),
    concentrations,
  };
}

/** Distances of sampled gradients by group of the partition, and what was kept. */
export interface Sampled {
  readonly groups: readonly Distances[];
  readonly kept: KeptCounts;
}

/**
 * `draws` sampled gradients of each batch.
 *
 * @param estimatorOf the estimator of a draw of a batch. Estimators with the same keys are paired: they see the same draws.
 */
export async function measureSampled(
  model: Transformer,
  whole: Partition,
  exact: Exact,
  length: number,
  {
    draws,
    estimatorOf,
  }: { readonly draws: number; readonly estimatorOf: (batch: number, draw: number) => Estimator },
  between: BetweenPasses,
): Promise<Sampled> {
  const kept = new KeptCounts();
  const levels: (readonly Float64Array[])[] = [];
  for (const [index, batch] of exact.batches.entries()) {
    const distances = new SquaredDistances(whole, exact.gradients[index]!);
    for (let draw = 0; draw < draws; draw++) {
      between();
      using _ = model.device.scope();
      const watch = watching(kept, model.config.heads);
      const estimator = estimatorOf(index, draw);
      const { gradients } = await differentiate(model, batch, length, estimator, watch.options);
      distances.add(await readFlat(gradients.values()));
      await watch.done();
    }
    levels.push(distances.levels.map((level) => byGroup(whole, level)));
  }
  const [norms, deviations] = [exact.norms, exact.deviations].map((batches) =>
    batches.map((blocks) => byGroup(whole, blocks)),
  ) as [Float64Array[], Float64Array[]];
  const groups = whole.groups.map((_, group) => ({
    sampling: levels[0]!.map((__, level) => levels.map((batch) => batch[level]![group]!)),
    exact: norms.map((batch) => batch[group]!),
    data: deviations.map((batch) => batch[group]!),
  }));
  return { groups, kept };
}

/** Mean entries a row that an estimator keeps on some batches, by forward passes alone. */
export async function measureKept(
  model: Transformer,
  batches: readonly Batch[],
  length: number,
  estimatorOf: (batch: number) => Estimator,
  between: BetweenPasses,
): Promise<number> {
  const kept = new KeptCounts();
  for (const [index, batch] of batches.entries()) {
    between();
    using _ = model.device.scope();
    const watch = watching(kept, model.config.heads);
    forward(model, batch, length, estimatorOf(index), watch.options);
    await watch.done();
    await nextTurn();
  }
  return kept.perRow();
}

/** Counts what the samples of a pass keep; `done` before the pass's scope ends. */
function watching(kept: KeptCounts, heads: number) {
  const counting: Promise<void>[] = [];
  return {
    options: { onSample: (sample: Csr, layer: number) => void counting.push(kept.add(sample, layer, heads)) },
    done: async () => void (await Promise.all(counting)),
  };
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / vectors.length;
  return mean;
}
