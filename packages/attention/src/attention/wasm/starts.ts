import { DeviceError } from "@sus/tensor";

/** Turns counts, all but the last of which count, into where each row starts, in place; returns their sum. */
export function startsOf(counts: ArrayLike<number> & { [row: number]: number }): number {
  let sum = 0;
  for (let row = 0; row < counts.length; row++) {
    const count = counts[row]!;
    counts[row] = sum;
    if (row < counts.length - 1) sum += count;
  }
  if (sum >= 2 ** 31) throw new DeviceError(`attention: expected fewer than 2^31 kept weights, got ${sum}`);
  return sum;
}
