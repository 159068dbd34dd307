import { adamw, clipByGlobalNorm, type Device, type Tensor } from "@sus/tensor";
import { loadTensors, readTensors } from "../model/tensors.ts";
import type { Array32 } from "../run-folder/safetensors.ts";

export interface UpdateOptions {
  /** From 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** The largest norm of the whole gradient. */
  readonly clip: number;
}

/** Of the variance estimate: forgets faster than the usual 0.999, for runs of hundreds of steps. */
const beta2 = 0.98;

/** AdamW over named parameters, which it changes in place. */
export class Optimiser implements Disposable {
  readonly #parameters: ReadonlyMap<string, Tensor>;
  /** `m.` and `v.` and a parameter's name. */
  readonly #moments: ReadonlyMap<string, Tensor>;

  /**
   * Starts from zero moments, or from those that `read` gave. The parameters stay the caller's. Throws `InputError`
   * where a moment is missing or of another shape.
   */
  constructor(
    device: Device,
    parameters: ReadonlyMap<string, Tensor>,
    moments?: ReadonlyMap<string, Array32>,
  ) {
    this.#parameters = parameters;
    const shapes = new Map(
      [...parameters].flatMap(([name, { shape }]) =>
        ["m", "v"].map((moment) => [`${moment}.${name}`, shape] as const),
      ),
    );
    this.#moments =
      moments === undefined
        ? new Map([...shapes].map(([name, shape]) => [name, device.zeros(shape)]))
        : loadTensors(device, shapes, moments);
  }

  /**
   * One update. Matrices decay, gains and biases do not.
   *
   * @param gradients one for each parameter; clipped in place.
   * @returns the norm of the whole gradient before clipping, a tensor [1] of the innermost scope.
   */
  update(gradients: ReadonlyMap<string, Tensor>, options: UpdateOptions): Tensor {
    const norm = clipByGlobalNorm([...gradients.values()], options.clip);
    for (const [name, parameter] of this.#parameters) {
      const state = {
        parameter,
        gradient: gradients.get(name)!,
        m: this.#moments.get(`m.${name}`)!,
        v: this.#moments.get(`v.${name}`)!,
      };
      const weightDecay = parameter.shape.length > 1 ? options.weightDecay : 0;
      adamw(state, { step: options.step, learningRate: options.learningRate, beta2, weightDecay });
    }
    return norm;
  }

  /** The moments, for a checkpoint. */
  async read(): Promise<Map<string, Array32>> {
    return await readTensors(this.#moments);
  }

  [Symbol.dispose](): void {
    for (const tensor of this.#moments.values()) tensor[Symbol.dispose]();
  }
}
