/** The cosine ends at this share of the largest learning rate. */
const finalShare = 0.1;

/**
 * The learning rate of a step, counted from 1: a straight rise over `warmUp` steps, then half a cosine down to a tenth.
 *
 *     r(s) = R · s / w                                                   for s ≤ w
 *     r(s) = R · (0.1 + 0.9 · (1 + cos(π · (s − w) / (steps − w))) / 2)   beyond
 */
export function learningRateAt(
  step: number,
  schedule: { readonly learningRate: number; readonly warmUp: number; readonly steps: number },
): number {
  const { learningRate, warmUp, steps } = schedule;
  if (step <= warmUp) return (learningRate * step) / warmUp;
  const progress = (step - warmUp) / (steps - warmUp);
  return learningRate * (finalShare + ((1 - finalShare) * (1 + Math.cos(Math.PI * progress))) / 2);
}
