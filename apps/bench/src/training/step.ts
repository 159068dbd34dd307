import { Transformer } from "@sus/attention";
import { backward, fold, key } from "@sus/graph";
import { adamw, clipByGlobalNorm, type Device, type Tensor } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import { initialParameters, modelOf, textOf, update } from "./model.ts";

/** Weights kept a row of attention, about, or the exact backward pass. */
export type Budget = number | "all";

export interface Gradient {
  readonly loss: Tensor;
  readonly gradients: ReadonlyMap<string, Tensor>;
}

/** Training steps of the default model on one sequence: forward, backward, clipping, AdamW. */
export class TrainingStep implements Disposable {
  readonly #device: Device;
  readonly #model: Transformer;
  readonly #text: readonly [tokens: Tensor, targets: Tensor];
  readonly #moments: ReadonlyMap<string, readonly [m: Tensor, v: Tensor]>;
  readonly #recompute: boolean;
  #steps = 0;

  /** @param recompute compute the MLPs twice instead of holding what is inside them. */
  constructor(device: Device, length: number, recompute = false) {
    const config = modelOf(length);
    const initial = [...initialParameters(config)];
    const { tokens, targets } = textOf(config);
    this.#device = device;
    this.#recompute = recompute;
    this.#model = new Transformer(
      device,
      config,
      new Map(initial.map(([name, { data, shape }]) => [name, device.tensor(data, shape)])),
    );
    this.#text = [device.tensor(tokens, [1, length]), device.tensor(targets, [1, length])];
    this.#moments = new Map(
      initial.map(([name, { shape }]) => [name, [device.zeros(shape), device.zeros(shape)]]),
    );
  }

  /** One step. Every step draws a sample of its own. */
  run(c: Budget): void {
    using _ = this.#device.scope();
    const { gradients } = this.differentiate(c);
    const step = ++this.#steps;
    clipByGlobalNorm([...gradients.values()], update.clip);
    for (const [name, parameter] of this.#model.parameters) {
      const [m, v] = this.#moments.get(name)!;
      const weightDecay = parameter.shape.length > 1 ? update.weightDecay : 0;
      adamw({ parameter, gradient: gradients.get(name)!, m, v }, { ...update, step, weightDecay });
    }
  }

  /** The loss and its gradient by every parameter, in the innermost scope. */
  differentiate(c: Budget): Gradient {
    const estimator = c === "all" ? { c } : { c, key: fold(key(2), this.#steps) };
    const { loss, leaves } = this.#model.loss(...this.#text, estimator, { recompute: this.#recompute });
    const seed = this.#device.tensor(Float32Array.of(1), [1]);
    const cotangents = backward(loss, seed, { space: tensors });
    return {
      loss: loss.value,
      gradients: new Map([...leaves].map(([name, leaf]) => [name, cotangents.get(leaf)!])),
    };
  }

  [Symbol.dispose](): void {
    this.#model[Symbol.dispose]();
    for (const tensor of [...this.#text, ...[...this.#moments.values()].flat()]) tensor[Symbol.dispose]();
  }
}
