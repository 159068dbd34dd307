/** Words of a slot's header (lib/slots.wgsl). */
const header = 8;

/** Room for the candidates of a priority sample beyond c + 1: two tiles of keys. */
const spareCandidates = 64;

/** A slot for each row of some heads: how many entries it has room for, and its length in words. */
export interface Slots {
  readonly capacity: number;
  readonly words: number;
}

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
  const spread = 8 * Math.sqrt(rows * Math.min(c, most) * most) + 16 * most;
  return Math.min(rows * most, Math.ceil(rows * c + spread));
}
