import { ShapeError } from "../errors.ts";

/** Two vectors of four words: kind, position, value and limit; the value before. */
const recordWords = 8;
const recordLimit = 128;

/** The bytes of all records. */
export const faultBytes: number = 4 * recordWords * recordLimit;

const beyond = 1;

/**
 * What kernels find wrong with indices. A call cannot look at numbers that are on the GPU, so a kernel notes the first
 * wrong one in a record of its operation, and the next read throws it.
 */
export class Faults {
  readonly #records: { readonly operation: string; readonly name: string }[] = [];

  /** Whether any kernel may have noted anything. */
  get used(): boolean {
    return this.#records.length > 0;
  }

  /** The record of an argument of an operation, for its checks now and later. */
  record(operation: string, name: string): number {
    const known = this.#records.findIndex((each) => each.operation === operation && each.name === name);
    if (known >= 0) return known;
    if (this.#records.length === recordLimit) {
      throw new RangeError(`${operation}: more than ${recordLimit} operations check their indices`);
    }
    return this.#records.push({ operation, name }) - 1;
  }

  /** The first thing that is wrong, in the order in which operations were first called. */
  find(words: Uint32Array): ShapeError | undefined {
    for (const [i, { operation, name }] of this.#records.entries()) {
      const [kind, position, value, limit, before] = words.subarray(recordWords * i);
      if (kind === undefined || kind === 0) continue;
      return new ShapeError(
        kind === beyond
          ? `${operation}: expected ${name} below ${limit}, got ${value} at position ${position}`
          : `${operation}: expected ${name} that ascend, got ${value} after ${before}`,
      );
    }
    return undefined;
  }
}
