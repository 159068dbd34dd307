import type { Tensor } from "../tensor.ts";
import type { Device } from "./device.ts";

type TensorsOf<Shapes extends readonly unknown[]> = { readonly [K in keyof Shapes]: Tensor };

/** New float32 tensors of these shapes, filled by `fill`. Where memory runs out or `fill` throws, none is left. */
export function withOutputs<const Shapes extends readonly (readonly number[])[]>(
  device: Device,
  shapes: Shapes,
  fill: (tensors: TensorsOf<Shapes>) => void,
): TensorsOf<Shapes> {
  const made: Tensor[] = [];
  try {
    for (const shape of shapes) made.push(device.empty(shape));
    const tensors = made as unknown as TensorsOf<Shapes>;
    fill(tensors);
    return tensors;
  } catch (error) {
    for (const tensor of made) tensor[Symbol.dispose]();
    throw error;
  }
}

/** The same for one tensor; where one is given, that is filled and returned, and stays whatever happens. */
export function withOutput(
  device: Device,
  shape: readonly number[],
  fill: (out: Tensor) => void,
  given?: Tensor,
): Tensor {
  if (given === undefined) return withOutputs(device, [shape], ([out]) => fill(out))[0];
  fill(given);
  return given;
}
