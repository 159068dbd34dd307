import { ShapeError } from "../errors.ts";

/** Two vectors of four words: kind, position, value and limit; the value before. */
const recordWords = 8;
const recordLimit = 128;

/** The bytes of all records. */
export const faultBytes: number = 4 * recordWords * recordLimit;

const beyond = 1;

/** Says what the words of a note mean, of which the first is not 0. */
export type Describe = (note: Uint32Array) => Error;

interface Subject {
  readonly operation: string;
  readonly name: string;
  readonly describe: Describe;
}

/**
 * What kernels find wrong with indices and other numbers. A call cannot look at numbers that are on the GPU, so a kernel notes the first
 * wrong one in a record of its operation, and the next read throws it.
 */
export class Faults {
  readonly #records: Subject[] = [];

  /** Whether any kernel may have noted anything. */
  get used(): boolean {
    return this.#records.length > 0;
  }

  /** The record of an argument of an operation, for its checks now and later. Notes are of wrong indices by default. */
  record(operation: string, name: string, describe: Describe = describeIndex(operation, name)): number {
    const known = this.#records.findIndex((each) => each.operation === operation && each.name === name);
    if (known >= 0) return known;
    if (this.#records.length === recordLimit) {
      throw new RangeError(`${operation}: more than ${recordLimit} operations check their arguments`);
    }
    return this.#records.push({ operation, name, describe }) - 1;
  }

  /** The first thing that is wrong, in the order in which operations were first called. */
  find(words: Uint32Array): Error | undefined {
    for (const [i, { describe }] of this.#records.entries()) {
      const note = words.subarray(recordWords * i, recordWords * (i + 1));
      if (note[0]) return describe(note);
    }
    return undefined;
  }
}

function describeIndex(operation: string, name: string): Describe {
  return ([kind, position, value, limit, before]) =>
    new ShapeError(
      kind === beyond
        ? `${operation}: expected ${name} below ${limit}, got ${value} at position ${position}`
        : `${operation}: expected ${name} that ascend, got ${value} after ${before}`,
    );
}
