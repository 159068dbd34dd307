import { type Comparison, median } from "../run-folder/summary.ts";
import type { Trainer } from "./trainer.ts";

/** Odd, so that a median is one of the measurements. */
const turns = 3;

/**
 * The sampled against the exact backward pass on the same batch: in turns, so that both meet the machine in the same
 * state, and the median of three. Costs six steps' work. Null where the signal asks to stop, and where the device can't
 * measure its kernels.
 */
export async function compareBackward(
  trainer: Trainer,
  step: number,
  signal: AbortSignal,
): Promise<Comparison | null> {
  if (!trainer.device.profiled) return null;
  const sampled: number[] = [];
  const exact: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    if (signal.aborted) return null;
    sampled.push((await trainer.timeAttention(step, "sampled")).attentionBackward!);
    exact.push((await trainer.timeAttention(step, "exact")).attentionBackward!);
  }
  return { sampled: median(sampled), exact: median(exact) };
}
