import { expect, test } from "vitest";
import { interleave, median } from "./interleave.ts";

test("runs the cases in turn, after one round that is not counted", async () => {
  const calls: string[] = [];
  const medians = await interleave(
    { a: () => void calls.push("a"), b: async () => void calls.push("b") },
    { rounds: 2 },
  );
  expect(calls.join("")).toBe("ababab");
  expect(Object.keys(medians)).toEqual(["a", "b"]);
});

test("takes the middle", () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(() => median([])).toThrow("median: expected at least one value, got none");
});
