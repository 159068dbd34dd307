import type { Tensor } from "../tensor.ts";

/** The tensors that the steps make, in order; where a step throws, those made before are disposed. */
export function collect(...steps: readonly (() => Tensor)[]): Tensor[] {
  const made: Tensor[] = [];
  try {
    for (const step of steps) made.push(step());
    return made;
  } catch (error) {
    for (const tensor of made) tensor[Symbol.dispose]();
    throw error;
  }
}
