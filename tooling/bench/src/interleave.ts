import { performance } from "node:perf_hooks";

export interface InterleaveOptions {
  /** Times each case is measured, after one round that is not counted. */
  readonly rounds: number;
}

/**
 * The median milliseconds of each case. The cases run in turn, A B C A B C …, so that a drift of the machine's speed
 * meets them all alike and their ratios hold.
 */
export async function interleave<Name extends string>(
  cases: Readonly<Record<Name, () => void | Promise<void>>>,
  { rounds }: InterleaveOptions,
): Promise<Record<Name, number>> {
  const entries = Object.entries(cases) as [Name, () => void | Promise<void>][];
  const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of entries) {
      const start = performance.now();
      await run();
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(entries.map(([name]) => [name, median(times.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("median: expected at least one value, got none");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
