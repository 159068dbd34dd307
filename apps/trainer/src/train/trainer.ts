import type { Estimator, Kept, Transformer } from "@sus/attention";
import { fold } from "@sus/graph";
import type { Device, Tensor } from "@sus/tensor";
import { BudgetKeeper } from "../budgets/keeper.ts";
import { layerBudgets } from "../budgets/parts.ts";
import { probe } from "../budgets/probe.ts";
import { probeSequences } from "../budgets/schedule.ts";
import { InputError } from "../errors.ts";
import { estimatorOf } from "../model/estimators.ts";
import { freshModel, loadModel, openDeviceFor, streamOf } from "../model/model.ts";
import { readTensors } from "../model/tensors.ts";
import { nextTurn } from "../next-turn.ts";
import type { Checkpoint } from "../run-folder/checkpoint.ts";
import type { StepRecord } from "../run-folder/record.ts";
import { mean } from "../run-folder/summary.ts";
import { openTrained } from "../run-folder/trained.ts";
import type { Settings } from "../settings.ts";
import { heldOutWindows, trainingBatch } from "../text/batches.ts";
import { type Split, splitText } from "../text/split.ts";
import { type AttentionTime, attentionTime } from "./attention-time.ts";
import { differentiate, forward } from "./differentiate.ts";
import { Optimiser } from "./optimiser.ts";
import { learningRateAt } from "./schedule.ts";

/** What a step measures; an evaluation may follow it. */
export type Measured = Omit<StepRecord, "heldOut">;

/** Where a run stands that goes on: after the step of a checkpoint, with the records up to it. */
export interface Progress {
  readonly checkpoint?: Checkpoint;
  readonly records?: readonly StepRecord[];
}

const bitsPerNat = 1 / Math.LN2;

/** A model, its optimiser and its text on a device: all that changes from step to step. */
export class Trainer implements Disposable {
  readonly device: Device;
  readonly settings: Settings;
  readonly model: Transformer;
  /** Sets the budgets of layers and heads, with `--variance`. */
  readonly #budgets: BudgetKeeper | null;
  readonly #optimiser: Optimiser;
  readonly #bytes: Uint8Array;
  readonly #split: Split;

  private constructor(
    device: Device,
    settings: Settings,
    bytes: Uint8Array,
    split: Split,
    { checkpoint, records = [] }: Progress,
    start: Checkpoint["parameters"] | undefined,
  ) {
    this.device = device;
    this.settings = settings;
    this.#bytes = bytes;
    this.#split = split;
    this.model = start === undefined ? freshModel(device, settings) : loadModel(device, settings, start);
    this.#optimiser = new Optimiser(device, this.model.parameters, checkpoint?.optimiser);
    this.#budgets = BudgetKeeper.of(settings, records);
  }

  /**
   * Starts with fresh weights, with those of another model, or where a checkpoint stopped. Throws `InputError` where the
   * text is too short for the context, or the weights are not of these settings.
   */
  static async open(settings: Settings, bytes: Uint8Array, progress: Progress = {}): Promise<Trainer> {
    const split = splitText(bytes.length, settings.heldOut, settings.context + 1);
    const start = progress.checkpoint?.parameters ?? (await readStart(settings));
    const device = await openDeviceFor(settings);
    try {
      return new Trainer(device, settings, bytes, split, progress, start);
    } catch (error) {
      device[Symbol.dispose]();
      throw error;
    }
  }

  /** How many numbers the model has. */
  get parameters(): number {
    return [...this.model.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Makes step `step`, from 1. What it does follows from settings, text and the steps before, bit for bit. */
  async step(step: number): Promise<Measured> {
    const { settings, device } = this;
    device.resetMilliseconds();
    const start = performance.now();
    using _ = device.scope();
    const estimator: Estimator = step <= settings.exactFirst ? { c: "all" } : this.#estimator(step);
    const { loss, gradients, kept } = await this.#differentiate(step, estimator);
    const learningRate = learningRateAt(step, settings);
    const norm = this.#optimiser.update(gradients, { ...settings, step, learningRate });
    const gradientNorm = await readNumber(norm);
    if (!Number.isFinite(loss + gradientNorm)) throw diverged(step, settings);
    const milliseconds = { step: performance.now() - start, ...attentionTime(device) };
    const keptPerRow = estimator.c === "all" ? (settings.context + 1) / 2 : mean(await kept.perRow());
    return {
      step,
      bitsPerByte: loss * bitsPerNat,
      learningRate,
      gradientNorm,
      keptPerRow,
      ...(await this.#probed(step, milliseconds)),
    };
  }

  /** Bits per byte on the held-out text, by the exact forward pass. */
  async evaluate(): Promise<number> {
    const { context, evaluateOn } = this.settings;
    const losses: number[] = [];
    for (const window of heldOutWindows(this.#bytes, this.#split.heldOut, context, evaluateOn)) {
      using _ = this.device.scope();
      losses.push(await readNumber(forward(this.model, window, context, { c: "all" }).loss.value));
      await nextTurn();
    }
    return mean(losses) * bitsPerNat;
  }

  /** The time for attention in the gradient of the batch of a step. The model stays as it is. */
  async timeAttention(step: number, gradient: "exact" | "sampled"): Promise<AttentionTime> {
    this.device.resetMilliseconds();
    using _ = this.device.scope();
    await this.#differentiate(step, gradient === "exact" ? { c: "all" } : this.#estimator(step));
    return attentionTime(this.device);
  }

  /** What a checkpoint needs of the model and its optimiser. */
  async read(): Promise<Pick<Checkpoint, "parameters" | "optimiser">> {
    return { parameters: await readTensors(this.model.parameters), optimiser: await this.#optimiser.read() };
  }

  [Symbol.dispose](): void {
    this.#optimiser[Symbol.dispose]();
    this.model[Symbol.dispose]();
    this.device[Symbol.dispose]();
  }

  #estimator(step: number): Estimator {
    const { c, design, seed, sampleSeed } = this.settings;
    if (c === "all") return { c };
    const key = fold(streamOf(sampleSeed ?? seed, "estimator"), step);
    return estimatorOf(design, this.#budgets === null ? c : layerBudgets(this.#budgets.c), key);
  }

  /** Measures the noise of each layer and head where that is due, and sets the budgets by it. */
  async #probed(
    step: number,
    milliseconds: StepRecord["milliseconds"],
  ): Promise<Pick<StepRecord, "milliseconds" | "probe">> {
    const budgets = this.#budgets;
    if (budgets === null || !budgets.isDue(step)) return { milliseconds };
    const start = performance.now();
    const { context, design, seed, batchSeed, sampleSeed } = this.settings;
    const keyOf = (own: number | null) => fold(streamOf(own ?? seed, "probe"), step);
    const batches = Array.from({ length: probeSequences }, (_, sequence) =>
      trainingBatch(this.#bytes, this.#split.training, { batch: 1, context }, keyOf(batchSeed), sequence),
    );
    const found = await probe(
      this.model,
      batches,
      context,
      { c: budgets.c, name: design },
      keyOf(sampleSeed),
    );
    return {
      probe: budgets.add(found),
      milliseconds: { ...milliseconds, probe: performance.now() - start },
    };
  }

  /** The loss of a step's batch in nats and a gradient for each parameter, in the innermost scope. */
  async #differentiate(
    step: number,
    estimator: Estimator,
  ): Promise<{ loss: number; gradients: ReadonlyMap<string, Tensor>; kept: Kept }> {
    const { settings, model } = this;
    const key = streamOf(settings.batchSeed ?? settings.seed, "batches");
    const batch = trainingBatch(this.#bytes, this.#split.training, settings, key, step);
    const { recompute } = settings;
    const { loss, ...rest } = await differentiate(model, batch, settings.context, estimator, { recompute });
    return { loss: await readNumber(loss.value), ...rest };
  }
}

async function readStart({ start }: Settings): Promise<Checkpoint["parameters"] | undefined> {
  return start === null ? undefined : (await openTrained(start, "--start")).parameters;
}

async function readNumber(tensor: Tensor): Promise<number> {
  return (await tensor.read())[0]!;
}

/** What to tell where a loss is not a number. */
export function diverged(step: number, { learningRate }: Settings): InputError {
  return new InputError(
    `--learning-rate: the loss is no longer a number after step ${step}: expected less than ${learningRate}`,
  );
}
