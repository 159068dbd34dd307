import type { VectorSpace } from "@sus/graph";
import { add } from "../add/index.ts";
import { scale } from "../scale/index.ts";
import type { Tensor } from "../tensor.ts";

/** Tensors as cotangents: each owner is a handle, which `drop` disposes. */
export const tensors: VectorSpace<Tensor> = {
  add: (a, b) => add(a, b),
  scale: (v, factor) => scale(v, factor),
  fits: (cotangent, value) => {
    const { shape } = value;
    return (
      cotangent.shape.length === shape.length && cotangent.shape.every((length, i) => length === shape[i])
    );
  },
  share: (v) => v.share(),
  drop: (v) => v[Symbol.dispose](),
};

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
