import type { Device, Tensor } from "@sus/tensor";
import { InputError } from "../errors.ts";
import type { Array32 } from "../run-folder/safetensors.ts";

/** The numbers of tensors, by name. */
export async function readTensors(tensors: ReadonlyMap<string, Tensor>): Promise<Map<string, Array32>> {
  const arrays = new Map<string, Array32>();
  for (const [name, tensor] of tensors) {
    arrays.set(name, { shape: tensor.shape, data: (await tensor.read()) as Float32Array });
  }
  return arrays;
}

/**
 * Tensors with these names and shapes and the numbers of a checkpoint, the caller's to dispose. Throws `InputError`
 * where one is missing or of another shape.
 */
export function loadTensors(
  device: Device,
  shapes: ReadonlyMap<string, readonly number[]>,
  arrays: ReadonlyMap<string, Array32>,
): Map<string, Tensor> {
  const found = [...shapes].map(
    ([name, shape]) => [name, expectShape(name, shape, arrays.get(name))] as const,
  );
  return new Map(found.map(([name, { data, shape }]) => [name, device.tensor(data, shape)]));
}

function expectShape(name: string, shape: readonly number[], array: Array32 | undefined): Array32 {
  if (array !== undefined && String(array.shape) === String(shape)) return array;
  throw new InputError(
    `the checkpoint does not fit config.json: expected ${name} of shape [${shape.join(", ")}], ` +
      `got ${array === undefined ? "none" : `[${array.shape.join(", ")}]`}`,
  );
}
