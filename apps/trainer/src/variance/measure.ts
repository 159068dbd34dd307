import type { Estimator, Kept, LossOptions, Transformer } from "@sus/attention";
import { attentionInputs } from "../model/attention-layers.ts";
import { byGroup, type Partition, squares } from "../model/partition.ts";
import type { Batch } from "../text/batches.ts";
import { differentiate, readFlat } from "../train/differentiate.ts";
import { type Concentration, concentrationOf, exactWeights, middles } from "./concentration.ts";
import type { WeightRows } from "./expected-kept.ts";
import type { Distances } from "./relative-variance.ts";
import { SquaredDistances } from "./squared-distances.ts";

type Csr = Parameters<NonNullable<LossOptions["onSample"]>>[0];

/** Entries that samples kept, and the rows they had, by layer and head. */
export class KeptCounts {
  readonly rows: number[][] = [];
  readonly entries: number[][] = [];
  #headsKnown = true;

  /** Mean entries a row: of a head, of a layer, or of all. */
  perRow(layer: number | null = null, head: number | null = null): number {
    const [rows, entries] = [this.rows, this.entries].map((counts) => {
      const layers = layer === null ? counts : [counts[layer]!];
      return layers.flatMap((heads) => (head === null ? heads : [heads[head]!])).reduce((a, b) => a + b, 0);
    }) as [number, number];
    return entries / rows;
  }

  /** Entries a row of one head; null where only those of the layer are known. */
  perRowOfHead(layer: number, head: number): number | null {
    return this.#headsKnown ? this.perRow(layer, head) : null;
  }

  /** Counts entries of `rows` rows of a layer that cannot be told apart by head. */
  addLayer(layer: number, rows: number, entries: number): void {
    this.#headsKnown = false;
    this.rows[layer] = [(this.rows[layer]?.[0] ?? 0) + rows];
    this.entries[layer] = [(this.entries[layer]?.[0] ?? 0) + entries];
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
  /** Mean cross-entropy over all of them, nats a token. */
  readonly loss: number;
  readonly gradients: readonly Float32Array[];
  /** ‖g‖² and ‖g − ḡ‖² by batch and block. */
  readonly norms: readonly Float64Array[];
  readonly deviations: readonly Float64Array[];
  readonly concentrations: readonly Concentration[];
  /** Of some rows of some sequences, by layer and head. */
  readonly weights: readonly (readonly WeightRows[])[];
}

/** What happens between two passes: the caller may show progress, or stop by throwing. */
export type BetweenPasses = () => void;

/** Rows of each head whose exact weights are looked at, of the first sequence. */
const concentrationRows = 64;
/** Rows of each head, and sequences, from whose exact weights follows what a budget keeps. */
const keptRows = 128;
const keptSequences = 4;

/** The exact gradient of each batch: sequences of `length` tokens. */
export async function measureExact(
  model: Transformer,
  whole: Partition,
  batches: readonly Batch[],
  length: number,
  between: BetweenPasses,
): Promise<Exact> {
  const gradients: Float32Array[] = [];
  const losses: number[] = [];
  const concentrations: Concentration[] = [];
  const { layers, heads } = model.config;
  const weights = Array.from({ length: layers }, () =>
    Array.from({ length: heads }, (): Float32Array[] => []),
  );
  const looked = spread(batches.length, keptSequences);
  for (const [index, batch] of batches.entries()) {
    between();
    using _ = model.device.scope();
    const { loss, gradients: exact } = await differentiate(model, batch, length, { c: "all" });
    gradients.push(await readFlat(exact.values()));
    losses.push((await loss.value.read())[0]!);
    if (index > 0 && !looked.includes(index)) continue;
    for (const [layer, inputs] of attentionInputs(loss).entries()) {
      if (index === 0) concentrations.push(...(await concentrationOf(inputs, layer, concentrationRows)));
      for (const [head, rows] of (await exactWeights(inputs, middles(length, keptRows))).entries()) {
        weights[layer]![head]!.push(...rows.map((row) => Float32Array.from(row)));
      }
    }
  }
  const mean = meanOf(gradients);
  const norms = gradients.map((g) => squares(whole, g));
  return {
    batches,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    gradients,
    norms,
    deviations: gradients.map((g) => squares(whole, g, mean)),
    ...{ concentrations, weights },
  };
}

/** `count` of some indices, evenly, the first one among them. */
export function spread(all: number, count: number): number[] {
  const chosen = Math.min(all, count);
  return Array.from({ length: chosen }, (_, i) => Math.floor((i * all) / chosen));
}

/** Distances of sampled gradients by group of the partition, and what was kept. */
export interface Sampled {
  readonly groups: readonly Distances[];
  readonly kept: KeptCounts;
}

/** What is sampled how often. */
export interface SamplingPlan {
  readonly draws: number;
  /** Indices of the batches of which gradients are sampled. Default: all. */
  readonly sampled?: readonly number[];
  /** The estimator of a draw of a batch. Estimators with the same keys are paired: they see the same draws. */
  readonly estimatorOf: (batch: number, draw: number) => Estimator;
}

/** `draws` sampled gradients of some of the batches. */
export async function measureSampled(
  model: Transformer,
  whole: Partition,
  exact: Exact,
  length: number,
  { draws, sampled = [...exact.batches.keys()], estimatorOf }: SamplingPlan,
  between: BetweenPasses,
): Promise<Sampled> {
  const kept = new KeptCounts();
  const levels: (readonly Float64Array[])[] = [];
  for (const index of sampled) {
    const distances = new SquaredDistances(whole, exact.gradients[index]!);
    for (let draw = 0; draw < draws; draw++) {
      between();
      using _ = model.device.scope();
      const estimator = estimatorOf(index, draw);
      const watch = watching(kept, model.config.heads, estimator);
      const pass = await differentiate(model, exact.batches[index]!, length, estimator, watch.options);
      distances.add(await readFlat(pass.gradients.values()));
      await watch.done(pass.kept, length);
    }
    levels.push(distances.levels.map((level) => byGroup(whole, level)));
  }
  const [norms, deviations] = [exact.norms, exact.deviations].map((batches) =>
    batches.map((blocks) => byGroup(whole, blocks)),
  ) as [Float64Array[], Float64Array[]];
  const groups = whole.groups.map((_, group) => ({
    sampling: levels[0]!.map((__, level) => levels.map((batch) => batch[level]![group]!)),
    exact: sampled.map((index) => norms[index]![group]!),
    data: deviations.map((batch) => batch[group]!),
    sampled,
  }));
  return { groups, kept };
}

/** Counts what the samples of a pass keep for its backward pass; `done` after that and before its scope ends. */
function watching(kept: KeptCounts, heads: number, estimator: Estimator) {
  const counting: Promise<void>[] = [];
  // What a second stage leaves of a sample is known by layer only.
  const isThinned = estimator.c !== "all" && estimator.design === "two-stage";
  const onSample = (sample: Csr, layer: number) => void counting.push(kept.add(sample, layer, heads));
  return {
    options: isThinned ? {} : { onSample },
    done: async (left: Kept, length: number) => {
      await Promise.all(counting);
      if (!isThinned) return;
      const rows = heads * length;
      for (const [layer, perRow] of (await left.perRow()).entries())
        kept.addLayer(layer, rows, perRow * rows);
    },
  };
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / vectors.length;
  return mean;
}
