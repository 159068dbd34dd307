import { parameterSpecs } from "@sus/attention";
import { sizeOf } from "@sus/tensor";
import { InputError } from "../errors.ts";
import type { Settings } from "../settings.ts";
import { modelConfig } from "./model.ts";

/** All that a WebAssembly memory with 32-bit addresses can hold. */
const limit = 2 ** 32;

const bytesOfFloat = 4;

/**
 * Refuses a run that cannot fit, before anything is computed. What it counts is a lower bound: weights with gradient
 * and two moments, and the activations that the backward pass needs. A run that fits this may still be too large for
 * the machine, which the device then says. Throws `InputError`.
 */
export function expectMemory(settings: Settings): void {
  const { batch, context, heads, hidden, keyValueHeads, layers, width, activation } = settings;
  const keysAndValues = (2 * width * keyValueHeads) / heads;
  const matrices = activation === "swiglu" ? 3 : 2;
  const weights = parameterSpecs(modelConfig(settings)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const activations = batch * context * (256 + layers * (5 * width + keysAndValues + matrices * hidden));
  const model = 4 * weights * bytesOfFloat;
  const step = activations * bytesOfFloat;
  if (model + step <= limit) return;
  throw new InputError(
    `${model > step ? "--width or --layers" : "--context or --batch"}: expected a run of at most ${gibibytes(limit)}, ` +
      `got at least ${gibibytes(model)} for the model and ${gibibytes(step)} for a step`,
  );
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
