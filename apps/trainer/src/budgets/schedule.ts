import type { Settings } from "../settings.ts";

/** Sequences of a probe: the variance between their gradients is what noise is compared with. */
export const probeSequences = 4;

/**
 * Probes take at most this share of the passes of training: under 2 % of the time, since one sequence alone takes half as
 * long again as its share of a batch.
 */
const largestShare = 0.0125;

/** Forward and backward passes of one sequence that a probe takes. */
export function passesOf(layers: number): number {
  return probeSequences + layers;
}

/**
 * The steps that probes follow: as many as the largest share of the passes allows, the k-th of K near `((k − ½)/K)²` of the
 * sampled steps, since a young model's noise is the largest and changes the fastest. The first comes before any step is
 * sampled where exact steps go first.
 */
export function probeSteps({
  layers,
  batch,
  steps,
  exactFirst,
}: Pick<Settings, "layers" | "batch" | "steps" | "exactFirst">): number[] {
  const sampled = steps - exactFirst;
  const count = Math.min(sampled, Math.floor((steps * largestShare * batch) / passesOf(layers)));
  const due: number[] = [];
  for (let k = 0; k < count; k++) {
    const wanted = exactFirst > 0 && k === 0 ? 0 : Math.round(sampled * ((k + 0.5) / count) ** 2);
    due.push(Math.max((due.at(-1) ?? Math.max(0, exactFirst - 1)) + 1, exactFirst + wanted));
  }
  return due;
}
