/** How the noise of a part, a layer or a head, falls with what it keeps: `strength / kept^exponent`. */
export interface NoiseLaw {
  readonly strengths: readonly number[];
  readonly exponent: number;
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * The kept entries of each part that hold the noise of all together at `target` with the fewest entries in all:
 *
 *     minimise Σ k    so that Σ a·k⁻ᵖ = target      ⇒      k ∝ a^(1/(p + 1))
 *
 * every k within bounds, which those beyond them are set to. Where the bounds allow less or more noise than the target, it
 * is the nearest that they do.
 */
export function allocate({ strengths, exponent }: NoiseLaw, target: number, bounds: Bounds): number[] {
  const shares = strengths.map((strength) => strength ** (1 / (exponent + 1)));
  return scaled(shares, bounds, (kept) => noiseOf({ strengths, exponent }, kept) <= target);
}

/**
 * For a mean number of kept entries instead of a noise: those of the least noise in all, or, where it shall be `even`, of
 * the same noise in each part, `k ∝ a^(1/p)`, so that the worst is least.
 */
export function allocateMean(
  { strengths, exponent }: NoiseLaw,
  mean: number,
  bounds: Bounds,
  even = false,
): number[] {
  const shares = strengths.map((strength) => strength ** (1 / (exponent + (even ? 0 : 1))));
  const total = mean * strengths.length;
  return scaled(shares, bounds, (kept) => kept.reduce((sum, k) => sum + k, 0) >= total);
}

export function noiseOf({ strengths, exponent }: NoiseLaw, kept: readonly number[]): number {
  return strengths.reduce((sum, strength, part) => sum + strength * kept[part]! ** -exponent, 0);
}

/** Shares times the smallest factor that is enough, by bisection of its logarithm. */
function scaled(
  shares: readonly number[],
  { least, most }: Bounds,
  isEnough: (kept: readonly number[]) => boolean,
): number[] {
  const at = (factor: number) => shares.map((share) => Math.min(most, Math.max(least, factor * share)));
  // A little beyond the bounds, so that they are reached to the last digit.
  let low = Math.log(least / Math.max(...shares)) - 1;
  let high = Math.log(most / Math.min(...shares)) + 1;
  if (isEnough(at(Math.exp(low)))) return at(Math.exp(low));
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isEnough(at(Math.exp(middle)))) high = middle;
    else low = middle;
  }
  return at(Math.exp(high));
}
