import type { Tensor } from "@sus/tensor";
import { InputError } from "../errors.ts";
import type { Array32 } from "../run-folder/safetensors.ts";

/** Arrays of the device's tensors, by name. */
export async function readTensors(tensors: ReadonlyMap<string, Tensor>): Promise<Map<string, Array32>> {
  const arrays = new Map<string, Array32>();
  for (const [name, tensor] of tensors) {
    arrays.set(name, { shape: tensor.shape, data: (await tensor.read()) as Float32Array });
  }
  return arrays;
}

/**
 * New tensors with the names and shapes of `like` and the values of a checkpoint, the caller's to dispose. Throws
 * `InputError` where a name is missing or a shape differs.
 */
export function loadTensors(
  like: ReadonlyMap<string, Tensor>,
  arrays: ReadonlyMap<string, Array32>,
): Map<string, Tensor> {
  const missing = [...like].find(([name, { shape }]) => String(arrays.get(name)?.shape) !== String(shape));
  if (missing !== undefined) {
    const [name, { shape }] = missing;
    const got = arrays.get(name);
    throw new InputError(
      `the checkpoint does not fit config.json: expected ${name} of shape [${shape.join(", ")}], ` +
        `got ${got === undefined ? "none" : `[${got.shape.join(", ")}]`}`,
    );
  }
  return new Map(
    [...like].map(([name, { device, shape }]) => [name, device.tensor(arrays.get(name)!.data, shape)]),
  );
}
