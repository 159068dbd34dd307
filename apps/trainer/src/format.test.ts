import { expect, test } from "vitest";
import { formatBits, formatCount, formatDuration, formatMilliseconds, formatShare } from "./format.ts";

test("numbers as people read them", () => {
  expect(formatCount(1_048_576.4)).toBe("1,048,576");
  expect(formatBits(2.6049)).toBe("2.60");
  expect(formatShare(0.98049)).toBe("98.0 %");
  expect([0.714, 9.27, 52.4, 999, 1920].map(formatMilliseconds)).toEqual([
    "0.71 ms",
    "9.3 ms",
    "52 ms",
    "999 ms",
    "1.9 s",
  ]);
  expect([400, 59_000, 125_000, 11_520_000].map(formatDuration)).toEqual([
    "0 s",
    "59 s",
    "2 min 5 s",
    "3 h 12 min",
  ]);
});
