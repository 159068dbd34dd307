import { expect, test } from "vitest";
import { columnsOf } from "./columns.ts";
import { fromLines, type Results, toLines } from "./lines.ts";

const results: Results = {
  suite: "step",
  description: "a step",
  date: "2026-11-24",
  quick: false,
  processor: "A processor",
  cores: 2,
  memoryGiB: 24,
  runtime: "Node 24",
  load: 0.02,
  rows: [
    { suite: "step", n: 1024, stepMs: 1.5 },
    { suite: "step", n: 2048, stepMs: 3, ratio: 2 },
  ],
};

test("results are a line for the run and one for each row, and come back from them", () => {
  const text = toLines(results);
  expect(text.split("\n")).toHaveLength(4);
  expect(JSON.parse(text.split("\n")[2]!)).toEqual(results.rows[1]);
  expect(fromLines(text)).toEqual(results);
});

test("lines that are no results are an error", () => {
  expect(() => fromLines('{"suite":"step","n":1024}\n')).toThrow("expected the run");
  expect(() => fromLines("")).toThrow("expected the run");
  expect(() => fromLines(`${toLines(results)}{`)).toThrow(SyntaxError);
});

test("columns are all that any row has, in the order in which they come up", () => {
  expect(columnsOf(results.rows)).toEqual(["n", "stepMs", "ratio"]);
});
