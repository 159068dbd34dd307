/** Words of a slot's header (lib/slots.wgsl). */
const header = 8;

/** Room for the candidates of a priority sample beyond c + 1: two tiles of keys. */
const spareCandidates = 64;

/** A slot for each row of some heads: how many entries it has room for, and its length in words. */
export interface Slots {
  readonly capacity: number;
  readonly words: number;
}

/** The slots of the rows of a head of a budget. */
export type SlotsFor = (budget: number) => Slots;

/**
 * Slots of a bernoulli sample. A row keeps at most c entries on average, and if its draws were independent more than
 * c + 8·√c + 16 of them once in 10¹⁴ rows (Bernstein's inequality). They are dependent within a row, so that weights made
 * for it may do that: such a row is thinned (crowded.wgsl).
 */
export function bernoulliSlots(length: number, c: number): Slots {
  return slots(Math.min(length, Math.ceil(c + 8 * Math.sqrt(c) + 16)), 2);
}

/**
 * Slots of a systematic sample: as many entries as the sum of the probabilities, rounded up, where c may be exceeded by what
 * rounding to multiples of 2⁻²⁴ and to float32 adds up to.
 */
export function systematicSlots(length: number, c: number): Slots {
  return slots(Math.min(length, Math.ceil(c * 1.0001 + length * 2 ** -24) + 1), 2);
}

/** Slots of candidates for a priority sample of `budget` entries a row. */
export function prioritySlots(length: number, budget: number): Slots {
  return slots(Math.min(length, budget + 1 + spareCandidates), 3);
}

function slots(entries: number, arrays: number): Slots {
  const capacity = Math.ceil(entries / 4) * 4;
  return { capacity, words: header + arrays * capacity };
}

/**
 * Places for the entries of all rows that bernoulli keeps. Rows draw independently and keep up to `most` each, so that
 * their number exceeds its mean of at most c a row by eight standard deviations once in 10¹⁰ times; the next read says so.
 */
export function placesFor(rows: number, c: number, most: number): number {
  return placesForAll([{ rows, c, most }]);
}

/** The same for rows of several kinds. */
export function placesForAll(kinds: readonly { rows: number; c: number; most: number }[]): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const variance = sum(kinds.map(({ rows, c, most }) => rows * Math.min(c, most) * most));
  const spread = 8 * Math.sqrt(variance) + 16 * Math.max(...kinds.map(({ most }) => most));
  const mean = sum(kinds.map(({ rows, c }) => rows * c));
  return Math.min(sum(kinds.map(({ rows, most }) => rows * most)), Math.ceil(mean + spread));
}
