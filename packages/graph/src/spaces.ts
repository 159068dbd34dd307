import { GraphError } from "./errors.ts";
import type { VectorSpace } from "./node.ts";

/** Plain numbers. */
export const numbers: VectorSpace<number> = {
  add: (a, b) => a + b,
  scale: (v, factor) => v * factor,
};

/** Vectors of one length in double precision. `add` throws `GraphError` where the lengths differ. */
export const float64: VectorSpace<Float64Array> = {
  add: (a, b) => {
    expectLength("float64", b, a.length);
    return a.map((x, i) => x + b[i]!);
  },
  scale: (v, factor) => v.map((x) => x * factor),
  fits: (cotangent, value) => cotangent.length === value.length,
};

/** Vectors of one length in single precision. `add` throws `GraphError` where the lengths differ. */
export const float32: VectorSpace<Float32Array> = {
  add: (a, b) => {
    expectLength("float32", b, a.length);
    return a.map((x, i) => x + b[i]!);
  },
  scale: (v, factor) => v.map((x) => x * factor),
  fits: (cotangent, value) => cotangent.length === value.length,
};

function expectLength(name: string, v: ArrayLike<number>, length: number): void {
  if (v.length !== length) {
    throw new GraphError(`${name}: expected a vector of length ${length}, got one of length ${v.length}`);
  }
}
