import { fold, independentBits, type Key, key, toUniform } from "@sus/graph";
import type { Device, Tensor } from "@sus/tensor";

/** What one layer's attention is computed from and the gradient that reaches it, each [1, n, heads, d]. */
export interface LayerRows {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly dOut: Tensor;
}

/** The attention that is measured: all heads of all layers together. */
export interface MeasuredRows extends Disposable {
  readonly layers: readonly LayerRows[];
}

/** The rows of a trained model on the first n tokens of a text, for the caller to dispose. */
export type LoadRows = (device: Device, n: number) => Promise<MeasuredRows>;

/** One head whose queries, keys, values and gradient are normal. */
export function gaussianRows(device: Device, n: number, d: number): MeasuredRows {
  const [query, keys, value, dOut] = [1, 2, 3, 4].map((seed) =>
    device.tensor(normals(n * d, key(seed)), [1, n, 1, d]),
  ) as [Tensor, Tensor, Tensor, Tensor];
  return {
    layers: [{ query, key: keys, value, dOut }],
    [Symbol.dispose]: () => {
      for (const tensor of [query, keys, value, dOut]) tensor[Symbol.dispose]();
    },
  };
}

/** Seeded standard normal numbers (Box and Muller, 1958). */
function normals(length: number, seed: Key): Float32Array {
  const [radius, angle] = [fold(seed, 0), fold(seed, 1)];
  return Float32Array.from({ length }, (_, i) => {
    const u = toUniform(independentBits(radius, i));
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * toUniform(independentBits(angle, i)));
  });
}
