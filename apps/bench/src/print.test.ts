import { expect, test } from "vitest";
import { lineOf } from "./print.ts";

test("a row is told on one line, with as many digits as mean something", () => {
  expect(lineOf({ suite: "step", n: 1024, estimator: "exact", stepMs: 171.29921 })).toBe(
    "step: n 1024, estimator exact, stepMs 171.3",
  );
});
