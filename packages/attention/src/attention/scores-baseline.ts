/** Keys in the same block as a row, of this many, are not in its baseline for dQ and dK: `BLOCK` of the kernels. */
export const blockRows = 64;

/**
 * Share of a row's weight that the baseline must cover, on average over a head, for dQ and dK to be sampled above it. The
 * noise of a row falls to 1 − share, and the baseline's own part takes 4·d/n of the forward pass.
 */
const leastShare = 0.25;

/** How far the rows of a head reach. */
export interface Reach {
  readonly length: number;
  readonly causal: boolean;
}

/** The first `covered` keys of row i have the baseline in dQ and dK: those of the blocks before its own. */
export function coveredKeys(i: number, { length, causal }: Reach): number {
  return causal ? Math.floor(i / blockRows) * blockRows : length;
}

/**
 * The heads whose dQ and dK gain from the baseline: 1 where the mean over the rows of `β_i · covered_i`, the share of
 * the weight that the baseline covers, is a quarter or more. It hangs on no draw.
 *
 * @param beta [heads, n].
 */
export function gainingHeads(beta: ArrayLike<number>, reach: Reach): Uint32Array<ArrayBuffer> {
  const { length } = reach;
  const gains = new Uint32Array(beta.length / length);
  for (let head = 0; head < gains.length; head++) {
    let share = 0;
    for (let i = 0; i < length; i++) share += beta[head * length + i]! * coveredKeys(i, reach);
    gains[head] = Number(share >= leastShare * length);
  }
  return gains;
}
