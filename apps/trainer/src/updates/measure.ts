import type { Estimator } from "@sus/attention";
import { fold, type Key } from "@sus/graph";
import type { Device } from "@sus/tensor";
import { type EstimatorName, estimatorOf } from "../model/estimators.ts";
import { freshModel, loadModel, modelConfig, streamOf } from "../model/model.ts";
import { byGroup, type Partition, partition, products, squares } from "../model/partition.ts";
import type { Array32 } from "../run-folder/safetensors.ts";
import { mean } from "../run-folder/summary.ts";
import { type Batch, trainingBatch } from "../text/batches.ts";
import { splitText } from "../text/split.ts";
import { differentiate } from "../train/differentiate.ts";
import { Optimiser } from "../train/optimiser.ts";
import { learningRateAt } from "../train/schedule.ts";
import { diverged } from "../train/trainer.ts";
import type { StageSums, WindowSums } from "./rows.ts";
import type { UpdatesSettings } from "./settings.ts";
import { Shadow, type Stage, type Stages, stages } from "./shadow.ts";

/** What all orders have in common. */
export interface Study {
  readonly device: Device;
  readonly settings: UpdatesSettings;
  readonly bytes: Uint8Array;
  /** Weights to begin with; undefined: fresh ones. */
  readonly start: ReadonlyMap<string, Array32> | undefined;
}

export interface StepHooks {
  /** Before each pass; a throw stops the measurement. */
  readonly between: () => void;
  readonly onStep: (step: number) => void;
}

/**
 * Trains a model exactly, and at each of its steps draws the gradients that each design would have trained with. Each design
 * has an optimiser of its own, a shadow, which is fed those gradients and moves no weights: so exact and sampled updates are
 * those of the same weights and differ in the optimiser's past and present noise alone. One more shadow is fed exact gradients
 * of other batches: it tells what the data do to an update.
 *
 * @param order from 1: decides batches and draws.
 * @returns for each design the sums of each window.
 */
export async function measureOrder(
  { device, settings, bytes, start }: Study,
  order: number,
  { between, onStep }: StepHooks,
): Promise<ReadonlyMap<EstimatorName, readonly WindowSums[]>> {
  const { training, designs, c, at } = settings;
  const { context, recompute, seed, clip } = training;
  const split = splitText(bytes.length, training.heldOut, context + 1);
  const config = modelConfig(training);
  const whole = partition(config);
  // No step trains on batches of the stream of probes.
  const batches = streamOf(seed + order, "batches");
  const others = streamOf(seed + order, "probe");
  const draws = streamOf(seed + order, "estimator");
  using stack = new DisposableStack();
  const shadow = () => stack.use(new Shadow(device, config));
  const model = stack.use(
    start === undefined ? freshModel(device, training) : loadModel(device, training, start),
  );
  const optimiser = stack.use(new Optimiser(device, model.parameters));
  const [ofSame, ofOther] = [shadow(), shadow()];
  const sampled = designs.map((design) => ({
    design,
    shadow: shadow(),
    windows: at.map(() => new Sums(whole)),
  }));
  for (let step = 1; step <= at.at(-1)!; step++) {
    const batchOf = (key: Key) => trainingBatch(bytes, split.training, training, key, step);
    const pass = async (batch: Batch, estimator: Estimator) => {
      between();
      return await differentiate(model, batch, context, estimator, { recompute });
    };
    const options = { step, clip };
    const drawn: { stages: Stages; kept: number }[] = [];
    for (const { design, shadow } of sampled) {
      using _ = device.scope();
      const { gradients, kept } = await pass(batchOf(batches), estimatorOf(design, c, fold(draws, step)));
      drawn.push({ stages: await shadow.take(gradients, options), kept: mean(await kept.perRow()) });
    }
    const other = await inScope(device, async () => {
      const { gradients } = await pass(batchOf(others), { c: "all" });
      return await ofOther.take(gradients, options);
    });
    const exact = await inScope(device, async () => {
      const { gradients, loss } = await pass(batchOf(batches), { c: "all" });
      const taken = await ofSame.take(gradients, options);
      optimiser.update(gradients, { ...training, step, learningRate: learningRateAt(step, training) });
      if (!Number.isFinite((await loss.value.read())[0]!)) throw diverged(step, training);
      return taken;
    });
    const window = at.findIndex((last) => step <= last);
    for (const [index, { windows }] of sampled.entries()) {
      windows[window]!.add(drawn[index]!.stages, exact, other, drawn[index]!.kept);
    }
    onStep(step);
  }
  return new Map(sampled.map(({ design, windows }) => [design, windows.map(({ result }) => result)]));
}

async function inScope<T>(device: Device, body: () => Promise<T>): Promise<T> {
  using _ = device.scope();
  return await body();
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
    const sums = () => ({ noise: zeros(), data: zeros(), sampledAlong: zeros(), exactAlong: zeros() });
    this.#stages = { gradient: sums(), momentum: sums(), update: sums() };
  }

  add(sampled: Stages, exact: Stages, other: Stages, kept: number): void {
    for (const stage of stages) {
      const sums = this.#stages[stage];
      addTo(sums.noise, squares(this.#whole, sampled[stage], exact[stage]));
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
      const { noise, data, sampledAlong, exactAlong } = this.#stages[stage];
      const grouped = (blocks: Float64Array) => byGroup(this.#whole, blocks);
      return {
        ...{ noise: grouped(noise), data: grouped(data) },
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
