import type { Tensor } from "../tensor.ts";

/** The most constants that a device keeps. */
const limit = 64;

/** Tensors by name that are made once; those not used for longest make room. */
export class Constants {
  readonly #tensors = new Map<string, Tensor>();

  get(name: string, make: () => Tensor): Tensor {
    const tensor = this.#tensors.get(name) ?? make();
    this.#tensors.delete(name);
    this.#tensors.set(name, tensor);
    if (this.#tensors.size > limit) this.#dropOldest();
    return tensor;
  }

  #dropOldest(): void {
    for (const [name, tensor] of this.#tensors) {
      this.#tensors.delete(name);
      tensor[Symbol.dispose]();
      return;
    }
  }
}
