import { type Estimator, parameterSpecs } from "@sus/attention";
import { fold, type Key } from "@sus/graph";
import { type EstimatorName, estimatorOf } from "../model/estimators.ts";
import { modelConfig, streamOf } from "../model/model.ts";
import { byGroup, type Partition, partition, products, squares } from "../model/partition.ts";
import { mean } from "../run-folder/summary.ts";
import { trainingBatch } from "../text/batches.ts";
import { splitText } from "../text/split.ts";
import { differentiate } from "../train/differentiate.ts";
import { diverged, Trainer } from "../train/trainer.ts";
import type { StageSums, WindowSums } from "./rows.ts";
import type { UpdatesSettings } from "./settings.ts";
import { Shadow, type Stage, type Stages, stages } from "./shadow.ts";

export interface StepHooks {
  /** Before each pass; a throw stops the measurement. */
  readonly between: () => void;
  readonly onStep: (step: number) => void;
}

/**
 * Trains a model exactly, and at the weights of each step draws the gradients of another batch, exact and by each design. They
 * go to optimisers that move no weights, shadows, one for each design and one for the exact gradient: so what comes out is of
 * the same weights and batches, and differs in the sampling alone, past and present. One more shadow is fed exact gradients
 * of a third batch: it tells what the data do. Neither batch is ever trained on, so that given the weights they are independent.
 *
 * @param order from 1: decides batches and draws.
 * @returns for each design the sums of each window.
 */
export async function measureOrder(
  settings: UpdatesSettings,
  bytes: Uint8Array,
  order: number,
  { between, onStep }: StepHooks,
): Promise<ReadonlyMap<EstimatorName, readonly WindowSums[]>> {
  const { training, designs, c, at } = settings;
  const { context, recompute, seed, clip } = training;
  const split = splitText(bytes.length, training.heldOut, context + 1);
  const config = modelConfig(training);
  const whole = partition(config);
  const { batchSeed, batches, others, drawsOf } = streamsOf(seed, order);
  using stack = new DisposableStack();
  const trainer = stack.use(await Trainer.open({ ...training, batchSeed }, bytes));
  const { device, model } = trainer;
  const shadow = () => stack.use(new Shadow(device, parameterSpecs(config)));
  const [ofSame, ofOther] = [shadow(), shadow()];
  const sampled = designs.map((design) => ({
    design,
    shadow: shadow(),
    windows: at.map(() => new Sums(whole)),
  }));
  for (let step = 1; step <= at.at(-1)!; step++) {
    const take = async (to: Shadow, key: Key, estimator: Estimator) => {
      between();
      using _ = device.scope();
      const batch = trainingBatch(bytes, split.training, training, key, step);
      const { gradients, kept } = await differentiate(model, batch, context, estimator, { recompute });
      const stages = await to.take(gradients, { step, clip });
      if (!stages.gradient.every(Number.isFinite)) throw diverged(step, training);
      return { stages, kept: estimator.c === "all" ? [] : await kept.perRow() };
    };
    const exact = await take(ofSame, batches, { c: "all" });
    const other = await take(ofOther, others, { c: "all" });
    const window = at.findIndex((last) => step <= last);
    for (const { design, shadow, windows } of sampled) {
      const drawn = await take(shadow, batches, estimatorOf(design, c, drawsOf(step)));
      windows[window]!.add(drawn.stages, exact.stages, other.stages, mean(drawn.kept));
    }
    await trainer.step(step);
    onStep(step);
  }
  return new Map(sampled.map(({ design, windows }) => [design, windows.map(({ result }) => result)]));
}

/** What is random in an order: the batches that are trained on, two streams of others, and the draws of each step. */
export function streamsOf(seed: number, order: number) {
  const own = seed + order;
  const unseen = streamOf(own, "probe");
  const draws = streamOf(own, "estimator");
  return {
    ...{ batchSeed: own, batches: fold(unseen, 0), others: fold(unseen, 1) },
    drawsOf: (step: number): Key => fold(draws, step),
  };
}

/** Adds up what the steps of a window give. */
class Sums {
  readonly #whole: Partition;
  readonly #stages: Record<Stage, Record<keyof StageSums, Float64Array>>;
  #steps = 0;
  #kept = 0;

  constructor(whole: Partition) {
    this.#whole = whole;
    const zeros = () => new Float64Array(whole.blocks.length);
    const sums = () => ({ error: zeros(), data: zeros(), sampledAlong: zeros(), exactAlong: zeros() });
    this.#stages = { gradient: sums(), momentum: sums(), update: sums() };
  }

  add(sampled: Stages, exact: Stages, other: Stages, kept: number): void {
    for (const stage of stages) {
      const sums = this.#stages[stage];
      addTo(sums.error, squares(this.#whole, sampled[stage], exact[stage]));
      addTo(sums.data, squares(this.#whole, other[stage], exact[stage]));
      addTo(sums.sampledAlong, products(this.#whole, sampled[stage], other[stage]));
      addTo(sums.exactAlong, products(this.#whole, exact[stage], other[stage]));
    }
    this.#steps++;
    this.#kept += kept;
  }

  /** By group of the partition. */
  get result(): WindowSums {
    const of = (stage: Stage) => {
      const { error, data, sampledAlong, exactAlong } = this.#stages[stage];
      const grouped = (blocks: Float64Array) => byGroup(this.#whole, blocks);
      return {
        ...{ error: grouped(error), data: grouped(data) },
        ...{ sampledAlong: grouped(sampledAlong), exactAlong: grouped(exactAlong) },
      };
    };
    return {
      stages: { gradient: of("gradient"), momentum: of("momentum"), update: of("update") },
      kept: this.#kept / this.#steps,
    };
  }
}

function addTo(sums: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += more[i]!;
}
