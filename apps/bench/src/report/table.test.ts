import { expect, test } from "vitest";
import { headingOf, table, tableByThreads, tableOf } from "./table.ts";

test("numbers have three digits and stand to the right, what is missing is empty", () => {
  const text = table(
    ["n", "name", "ms"],
    [
      [1024, "exact", 1.23456],
      [16384, "sampled", undefined],
      [2, "x", 12345.6],
    ],
  );
  expect(text.split("\n")).toEqual([
    "| n | name | ms |",
    "| ---: | --- | ---: |",
    "| 1024 | exact | 1.23 |",
    "| 16384 | sampled |  |",
    "| 2 | x | 12346 |",
  ]);
});

test.each([
  ["attentionForwardMs", "attention forward, ms"],
  ["peakMb", "peak, MB"],
  ["oursPeakMb", "ours peak, MB"],
  ["ceilingGflops", "ceiling, GFLOP/s"],
  ["gflops", "GFLOP/s"],
  ["dX", "dX"],
  ["n", "n"],
])("%s is headed %s", (name, heading) => {
  expect(headingOf(name)).toBe(heading);
});

test("shares are percentages", () => {
  const row = { suite: "s", share: 0.876, forwardShare: 0.5, ofBound: 1.004, often: 0.5 };
  expect(tableOf([row], ["share", "forwardShare", "ofBound", "often"]).split("\n")).toEqual([
    "| share | forward share | of bound | often |",
    "| ---: | ---: | ---: | ---: |",
    "| 88 % | 50 % | 100 % | 0.500 |",
  ]);
});

test("rows that differ in the threads only share a line", () => {
  const rows = [1, 2].flatMap((threads) =>
    ["dX", "dW"].map((pass, i) => ({ suite: "dense", pass, threads, gflops: 10 * threads + i })),
  );
  expect(tableByThreads(rows, ["pass"], ["gflops"]).split("\n")).toEqual([
    "| pass | GFLOP/s (1 thread) | GFLOP/s (2 threads) |",
    "| --- | ---: | ---: |",
    "| dX | 10 | 20 |",
    "| dW | 11 | 21 |",
  ]);
});
