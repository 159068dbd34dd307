import { parameterSpecs, type ResolvedConfig, resolveConfig } from "@sus/attention";
import { fold, independentBits, type Key, key, toUniform } from "@sus/graph";

/** The default model of `sus train`. Its products are those of the suite `dense`. */
export function modelOf(length: number): ResolvedConfig {
  return resolveConfig({ vocabulary: 256, context: length, layers: 4, heads: 4, width: 128 });
}

/** The update of a training step; only matrices decay. */
export const update = {
  clip: 1,
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
} as const;

/** Added to the mean square of a row before the root is taken. */
export const normEpsilon = 1e-5;

/** Numbers on the host and the shape of the tensor that they fill. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** The parameters before the first step, by name, in the order of the forward pass. */
export function initialParameters(config: ResolvedConfig): ReadonlyMap<string, HostTensor> {
  return new Map(
    parameterSpecs(config).map(({ name, shape, initial }, index) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const data =
        "value" in initial
          ? new Float32Array(size).fill(initial.value)
          : normal(size, fold(key(1), index), initial.deviation);
      return [name, { shape, data }];
    }),
  );
}

/** A text of `length` tokens, made up, and the tokens that follow each. */
export function textOf({ vocabulary, context: length }: ResolvedConfig): {
  readonly tokens: Uint32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
} {
  const row = key(5);
  const text = Uint32Array.from({ length: length + 1 }, (_, i) => independentBits(row, i) % vocabulary);
  return { tokens: text.slice(0, length), targets: text.slice(1) };
}

/** Normal numbers of mean 0 (Box and Muller, 1958), the same for the same key. */
export function normal(length: number, row: Key, deviation = 1): Float32Array<ArrayBuffer> {
  const uniform = (index: number) => toUniform(independentBits(row, index));
  return Float32Array.from({ length }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(uniform(2 * i)));
    return deviation * radius * Math.cos(2 * Math.PI * uniform(2 * i + 1));
  });
}
