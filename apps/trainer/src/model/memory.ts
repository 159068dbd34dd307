import { parameterSpecs } from "@sus/attention";
import { sizeOf } from "@sus/tensor";
import { InputError } from "../errors.ts";
import type { Settings } from "../settings.ts";
import { defaultOversample, keepingOf } from "./estimators.ts";
import { modelConfig } from "./model.ts";

/** All that a WebAssembly memory with 32-bit addresses can hold. */
const limit = 2 ** 32;

const bytesOfFloat = 4;
const vocabulary = 256;

/** Bytes that a run takes at its peak, estimated: within a tenth of what is measured (memory.test.ts). */
export interface MemoryEstimate {
  /** Weights, their gradient, and the optimiser's two moments. */
  readonly model: number;
  /** What a step holds between forward and backward pass, and works with. */
  readonly step: number;
}

export function estimateMemory(settings: Settings): MemoryEstimate {
  const weights = parameterSpecs(modelConfig(settings)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const { batch, context, layers, width, recompute } = settings;
  const mlp = mlpNumbers(settings);
  const held = attentionNumbers(settings) + (recompute ? 2 * width : mlp);
  // The last layer's backward pass starts when all is held; its widest cotangents are those of the MLP.
  const working = recompute ? 2 * mlp : 2 * settings.hidden;
  const ends = 2 * width + 2 * vocabulary;
  const numbers = batch * context * (ends + layers * held + working);
  return { model: 4 * weights * bytesOfFloat, step: numbers * bytesOfFloat };
}

/** Numbers a token that one layer's attention holds: norm, projections, rotations, sample, outputs, residual stream. */
function attentionNumbers({ width, heads, keyValueHeads, positions, c, design, context }: Settings): number {
  const keys = (width * keyValueHeads) / heads;
  const rotated = positions === "rotary" ? width + keys : 0;
  const drawn = keepingOf(design) === "thinned" ? defaultOversample : 1;
  const sample = c === "all" ? 0 : heads * 2 * Math.min(drawn * c, context);
  return 5 * width + 2 * keys + rotated + sample;
}

/** Numbers a token inside one layer's MLP: norm, hidden values before and after each operation, outputs. */
function mlpNumbers({ width, hidden }: Settings): number {
  return 3 * width + 3 * hidden;
}

/**
 * Refuses a run that cannot fit, before anything is computed. Throws `InputError`, naming the option to change and the
 * estimate.
 */
export function expectMemory(settings: Settings): void {
  const { model, step } = estimateMemory(settings);
  if (model + step <= limit) return;
  const option = model > step ? "--width or --layers" : "--context or --batch";
  const hint = settings.recompute || model > limit ? "" : "; --recompute takes less";
  throw new InputError(
    `${option}: expected a run of at most ${gibibytes(limit)}, ` +
      `got about ${gibibytes(model)} for the model and ${gibibytes(step)} for a step${hint}`,
  );
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
