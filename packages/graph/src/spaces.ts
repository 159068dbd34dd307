import { GraphError } from "./errors.ts";
import type { VectorSpace } from "./node.ts";

/** Plain numbers. */
export const numbers: VectorSpace<number> = {
  add: (a, b) => a + b,
  scale: (v, factor) => v * factor,
};

/** Vectors of one length in double precision. `add` throws `GraphError` where the lengths differ. */
export const float64: VectorSpace<Float64Array> = vectors("float64");

/** Vectors of one length in single precision. `add` throws `GraphError` where the lengths differ. */
export const float32: VectorSpace<Float32Array> = vectors("float32");

function vectors<V extends Float32Array | Float64Array>(name: string): VectorSpace<V> {
  return {
    add: (a, b) => {
      if (a.length !== b.length) {
        throw new GraphError(
          `${name}: expected a vector of length ${a.length}, got one of length ${b.length}`,
        );
      }
      return a.map((x, i) => x + b[i]!) as V;
    },
    scale: (v, factor) => v.map((x) => x * factor) as V,
    fits: (cotangent, value) => cotangent.length === value.length,
  };
}
