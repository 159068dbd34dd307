import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { threadCounts } from "./threads.ts";

test("the number asked for, or one and all cores, none twice", () => {
  expect(threadCounts({ quick: false, threads: 3 })).toEqual([3]);
  const counts = threadCounts({ quick: true });
  expect(counts[0]).toBe(1);
  expect(counts.at(-1)).toBe(availableParallelism());
  expect(new Set(counts).size).toBe(counts.length);
});
