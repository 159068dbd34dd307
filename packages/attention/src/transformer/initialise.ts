import { fold, independent, type Key, type Random } from "@sus/graph";
import { type Device, sizeOf, type Tensor } from "@sus/tensor";
import type { ResolvedConfig } from "./config.ts";
import { type Initial, parameterSpecs } from "./parameters.ts";

/** Fresh parameters by name. Each draws from its own stream, so its values do not depend on the other shapes. */
export function initialise(device: Device, config: ResolvedConfig, key: Key): ReadonlyMap<string, Tensor> {
  const parameters = new Map<string, Tensor>();
  for (const [index, { name, shape, initial }] of parameterSpecs(config).entries()) {
    parameters.set(name, device.tensor(values(initial, sizeOf(shape), independent(fold(key, index))), shape));
  }
  return parameters;
}

function values(initial: Initial, length: number, random: Random): Float32Array {
  if ("value" in initial) return new Float32Array(length).fill(initial.value);
  const filled = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const [first, second] = normals(random);
    filled[i] = first * initial.deviation;
    if (i + 1 < length) filled[i + 1] = second * initial.deviation;
  }
  return filled;
}

/** Two independent standard normal numbers from two uniforms (Box and Muller, 1958). */
function normals(random: Random): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(random.uniform()));
  const angle = 2 * Math.PI * random.uniform();
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
