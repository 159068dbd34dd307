import type { ParameterSpec } from "@sus/attention";
import type { Device, Tensor } from "@sus/tensor";
import { readFlat } from "../train/differentiate.ts";
import { Optimiser, type UpdateOptions } from "../train/optimiser.ts";

/** What a gradient becomes on its way into the parameters. */
export const stages = ["gradient", "momentum", "update"] as const;
export type Stage = (typeof stages)[number];

/** All parameters' numbers in a row, at each stage. */
export type Stages = Readonly<Record<Stage, Float32Array>>;

/**
 * An optimiser that changes no model: it is fed gradients, and tells what it would do with them. Its momentum is AdamW's m,
 * its update m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε), that by which the learning rate is multiplied; weight decay, which no
 * gradient enters, is left out.
 */
export class Shadow implements Disposable {
  /** Of a model that is nothing but the sum of its updates. */
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #optimiser: Optimiser;
  #sum: Float32Array;

  constructor(device: Device, specs: readonly ParameterSpec[]) {
    this.#parameters = new Map(specs.map(({ name, shape }) => [name, device.zeros(shape)]));
    this.#optimiser = new Optimiser(device, this.#parameters);
    this.#sum = new Float32Array([...this.#parameters.values()].reduce((sum, { size }) => sum + size, 0));
  }

  /** @param gradients one for each parameter; clipped in place. */
  async take(
    gradients: ReadonlyMap<string, Tensor>,
    options: Pick<UpdateOptions, "step" | "clip">,
  ): Promise<Stages> {
    const names = [...this.#parameters.keys()];
    const gradient = await readFlat(names.map((name) => gradients.get(name)!));
    this.#optimiser.update(gradients, { ...options, learningRate: 1, weightDecay: 0 });
    const momentum = new Float32Array(gradient.length);
    const moments = await this.#optimiser.read();
    let offset = 0;
    for (const name of names) {
      const { data } = moments.get(`m.${name}`)!;
      momentum.set(data, offset);
      offset += data.length;
    }
    const before = this.#sum;
    this.#sum = await readFlat(this.#parameters.values());
    const update = this.#sum.map((after, i) => before[i]! - after);
    return { gradient, momentum, update };
  }

  [Symbol.dispose](): void {
    this.#optimiser[Symbol.dispose]();
    for (const tensor of this.#parameters.values()) tensor[Symbol.dispose]();
  }
}
