import { DeviceError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import type { Scope } from "./device.ts";

/** The scopes of one device that are open, the innermost last. */
export class ScopeStack {
  readonly #scopes: OpenScope[] = [];

  register(tensor: Tensor): void {
    this.#scopes.at(-1)?.add(tensor);
  }

  open(): Scope {
    const scope = new OpenScope(() => {
      if (this.#scopes.at(-1) !== scope) {
        throw new DeviceError("scope: expected scopes to close in reverse order, an inner one is still open");
      }
      this.#scopes.pop();
    });
    this.#scopes.push(scope);
    return scope;
  }
}

class OpenScope implements Scope {
  readonly #tensors = new Set<Tensor>();
  readonly #close: () => void;
  #closed = false;

  constructor(close: () => void) {
    this.#close = close;
  }

  add(tensor: Tensor): void {
    this.#tensors.add(tensor);
  }

  keep(tensor: Tensor): Tensor {
    this.#tensors.delete(tensor);
    return tensor;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#close();
    this.#closed = true;
    for (const tensor of this.#tensors) tensor[Symbol.dispose]();
    this.#tensors.clear();
  }
}
