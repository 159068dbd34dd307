import type { Numbers } from "./side.ts";

/** Throws an `Error` unless both sides have the same arrays, whose largest difference is a small part of the largest value. */
export function expectAgreement(what: string, ours: Numbers, theirs: Numbers, tolerance: number): void {
  for (const [name, expected] of Object.entries(ours)) {
    const actual = theirs[name];
    if (actual?.length !== expected.length) {
      throw new Error(
        `${what}: expected ${name} of ${expected.length} numbers, got ${actual?.length ?? "none"}`,
      );
    }
    let [difference, largest] = [0, 0];
    for (const [i, value] of expected.entries()) {
      // Not a comparison with `>`, which a NaN would pass.
      difference = Math.max(difference, Math.abs(value - actual[i]!));
      largest = Math.max(largest, Math.abs(value));
    }
    if (!(difference <= tolerance * largest)) {
      throw new Error(
        `${what}: expected ${name} to agree within ${tolerance} of its largest value ${largest}, got a difference of ${difference}`,
      );
    }
  }
}
