import { key } from "@sus/graph";
import { describe, expect, test } from "vitest";
import { heldOutWindows, trainingBatch } from "./batches.ts";

describe("batches", () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => i);
  const ranges = [
    { begin: 0, end: 40 },
    { begin: 60, end: 69 },
    { begin: 100, end: 180 },
  ];

  test("are windows inside the ranges, with what follows as targets", () => {
    const starts = new Set<number>();
    for (let step = 1; step <= 400; step++) {
      const { tokens, targets } = trainingBatch(bytes, ranges, { batch: 2, context: 8 }, key(7), step);
      expect(tokens).toHaveLength(16);
      for (const row of [0, 8]) {
        const start = tokens[row]!;
        starts.add(start);
        expect([...tokens.subarray(row, row + 8)]).toEqual([...bytes.subarray(start, start + 8)]);
        expect([...targets.subarray(row, row + 8)]).toEqual([...bytes.subarray(start + 1, start + 9)]);
      }
    }
    // All 32 + 1 + 72 places where a window and its last target fit, and no other.
    expect([...starts].sort((a, b) => a - b)).toEqual([
      ...Array.from({ length: 32 }, (_, i) => i),
      60,
      ...Array.from({ length: 72 }, (_, i) => 100 + i),
    ]);
  });

  test("depend on key and step alone", () => {
    const draw = (seed: number, step: number) =>
      trainingBatch(bytes, ranges, { batch: 4, context: 8 }, key(seed), step);
    expect(draw(1, 5)).toEqual(draw(1, 5));
    expect(draw(1, 5)).not.toEqual(draw(1, 6));
    expect(draw(1, 5)).not.toEqual(draw(2, 5));
  });

  test("held out: side by side, spread evenly, never more than there are", () => {
    const starts = (count: number) => heldOutWindows(bytes, ranges, 8, count).map(({ tokens }) => tokens[0]);
    expect(starts(100)).toEqual([0, 8, 16, 24, 60, 100, 108, 116, 124, 132, 140, 148, 156, 164]);
    expect(starts(2)).toEqual([0, 116]);
    expect([...heldOutWindows(bytes, ranges, 8, 1)[0]!.targets]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
