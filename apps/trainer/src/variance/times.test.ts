import { key } from "@sus/graph";
import { expect, test } from "vitest";
import { estimatorOf } from "../model/estimators.ts";
import { optionsOf } from "./times.ts";

test("heads that are timed keep their own budgets: all in their order, fewer from the layer's number on", () => {
  const c = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];
  const estimator = estimatorOf("bernoulli", c, key(1));
  const budgets = (layer: number, heads: number) => optionsOf(estimator, layer, heads).sample!.c;
  expect(budgets(0, 4)).toEqual([1, 2, 3, 4]);
  expect(budgets(1, 4)).toEqual([5, 6, 7, 8]);
  expect(budgets(1, 2)).toEqual([6, 7]);
  expect(optionsOf(estimatorOf("bernoulli", [9, 8], key(1)), 1, 2).sample!.c).toBe(8);
});
