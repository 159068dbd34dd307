import { expect, test } from "vitest";
import { columnsOf } from "./columns.ts";
import { fromLines, type Record, toLines } from "./record.ts";

const record: Record = {
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

test("a record is a line for the run and one for each row, and comes back from them", () => {
  const text = toLines(record);
  expect(text.split("\n")).toHaveLength(4);
  expect(JSON.parse(text.split("\n")[2]!)).toEqual(record.rows[1]);
  expect(fromLines(text)).toEqual(record);
});

test("lines that are no record are an error", () => {
  expect(() => fromLines('{"suite":"step","n":1024}\n')).toThrow("expected the run");
  expect(() => fromLines("")).toThrow("expected the run");
  expect(() => fromLines(`${toLines(record)}{`)).toThrow(SyntaxError);
});

test("columns are all that any row has, in the order in which they come up", () => {
  expect(columnsOf(record.rows)).toEqual(["n", "stepMs", "ratio"]);
});
