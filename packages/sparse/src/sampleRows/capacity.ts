import type { DesignName } from "@sus/graph";

/** −ln of the probability that a matrix needs more than its capacity. */
const certainty = 30;

/**
 * How many entries a sample of rows that sum to at most 1 is given room for, where they cannot be counted before.
 * `priority` keeps at most c of a row. `systematic` keeps at most c + 1. `bernoulli` keeps at most c on average; rows draw
 * independently, and by Bernstein's inequality a sum of independent decisions with mean m exceeds m + t with probability
 * at most exp(−t² / (2 m + 2 t / 3)), which is e⁻³⁰ here.
 */
export function sampleCapacity(
  design: DesignName,
  c: number,
  [rows, columns]: readonly [number, number],
): number {
  const expected = rows * Math.min(c, columns);
  const places: Readonly<Record<DesignName, number>> = {
    priority: expected,
    systematic: rows * (Math.ceil(c) + 1),
    bernoulli: Math.ceil(
      expected + certainty / 3 + Math.sqrt((certainty / 3) ** 2 + 2 * certainty * expected),
    ),
  };
  return Math.min(rows * columns, places[design]);
}
