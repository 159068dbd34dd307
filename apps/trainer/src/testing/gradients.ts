import { parameterSpecs, type ResolvedConfig } from "@sus/attention";
import { independentBits, key } from "@sus/graph";
import { sizeOf } from "@sus/tensor";

/** Names, shapes and sizes of a model's parameters, in their order. */
export function modelShapes(
  config: ResolvedConfig,
): { name: string; shape: readonly number[]; size: number }[] {
  return parameterSpecs(config).map(({ name, shape }) => ({ name, shape, size: sizeOf(shape) }));
}

/** Numbers between −1 and 1 that follow from a seed. */
export function numbersOf(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => independentBits(key(seed), i) / 2 ** 31 - 1);
}
