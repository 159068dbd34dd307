import { fold, independentBits, type Key } from "@sus/graph";
import type { Range } from "./split.ts";

/** Sequences and what follows each of their tokens: both `batch` rows of `context` tokens, row-major. */
export interface Batch {
  readonly tokens: Uint32Array;
  readonly targets: Uint32Array;
}

/**
 * The training batch of a step: windows that begin anywhere in the training text, drawn with replacement. A pure
 * function of key and step, so a resumed run sees what the uninterrupted one would have seen.
 */
export function trainingBatch(
  bytes: Uint8Array,
  ranges: readonly Range[],
  shape: { readonly batch: number; readonly context: number },
  key: Key,
  step: number,
): Batch {
  const stepKey = fold(key, step);
  const starts = Array.from({ length: shape.batch }, (_, row) =>
    startAt(ranges, shape.context, independentBits(stepKey, row) / 2 ** 32),
  );
  return windows(bytes, starts, shape.context);
}

/** Up to `count` windows spread evenly over the held-out text, the same every time. */
export function heldOutWindows(
  bytes: Uint8Array,
  ranges: readonly Range[],
  context: number,
  count: number,
): readonly Batch[] {
  const available = ranges.reduce(
    (sum, range) => sum + Math.floor((range.end - range.begin - 1) / context),
    0,
  );
  const chosen = Math.min(count, available);
  return Array.from({ length: chosen }, (_, index) => {
    const start = alignedStart(ranges, context, Math.floor((index * available) / chosen));
    return windows(bytes, [start], context);
  });
}

/** The start at a fraction in [0, 1) of all the places where a window fits. */
function startAt(ranges: readonly Range[], context: number, fraction: number): number {
  const places = ranges.map((range) => range.end - range.begin - context);
  let index = Math.floor(fraction * places.reduce((sum, count) => sum + count, 0));
  for (const [part, count] of places.entries()) {
    if (index < count) return ranges[part]!.begin + index;
    index -= count;
  }
  throw new RangeError(`startAt: expected a fraction in [0, 1), got ${fraction}`);
}

/** The start of the window number `index` when the ranges are cut into windows side by side. */
function alignedStart(ranges: readonly Range[], context: number, index: number): number {
  let left = index;
  for (const range of ranges) {
    const count = Math.floor((range.end - range.begin - 1) / context);
    if (left < count) return range.begin + left * context;
    left -= count;
  }
  throw new RangeError(`alignedStart: expected the number of a window, got ${index}`);
}

function windows(bytes: Uint8Array, starts: readonly number[], context: number): Batch {
  const tokens = new Uint32Array(starts.length * context);
  const targets = new Uint32Array(starts.length * context);
  for (const [row, start] of starts.entries()) {
    tokens.set(bytes.subarray(start, start + context), row * context);
    targets.set(bytes.subarray(start + 1, start + 1 + context), row * context);
  }
  return { tokens, targets };
}
