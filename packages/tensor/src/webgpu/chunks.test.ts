import { expect, test } from "vitest";
import { chunksOf } from "./chunks.ts";

test("rows are split where all tensors fit, at offsets that a binding may have", () => {
  expect(chunksOf("op", 4096, 1000, [1])).toEqual([{ first: 0, count: 1000 }]);
  expect(chunksOf("op", 4096, 10, [64, 512])).toEqual([0, 2, 4, 6, 8].map((first) => ({ first, count: 2 })));
  // Rows of 3 elements meet the alignment of 64 only every 64 rows.
  expect(chunksOf("op", 1536, 200, [3])).toEqual([
    { first: 0, count: 128 },
    { first: 128, count: 72 },
  ]);
  expect(chunksOf("op", 4096, 0, [1])).toEqual([]);
  expect(chunksOf("op", 4096, 5, [])).toEqual([{ first: 0, count: 5 }]);
});

test("rows that do not fit are named", () => {
  expect(() => chunksOf("op", 4096, 100, [1, 33])).toThrow(
    "op: 64 rows of 33 elements do not fit into one binding of 4096 bytes",
  );
});

test("a chunk has no more rows than it may", () => {
  expect(chunksOf("op", 2 ** 20, 300, [3], 130)).toEqual([
    { first: 0, count: 128 },
    { first: 128, count: 128 },
    { first: 256, count: 44 },
  ]);
  expect(chunksOf("op", 2 ** 20, 130, [], 130)).toEqual([{ first: 0, count: 130 }]);
});
