import { expect, test } from "vitest";
import { timedHeads } from "./times.ts";

test("all heads are timed in their order, so that budgets by head stay with their heads; fewer differ from layer to layer", () => {
  for (const layer of [0, 1, 3]) expect(timedHeads(layer, 4, 4)).toEqual([0, 1, 2, 3]);
  expect(timedHeads(1, 2, 4)).toEqual([1, 2]);
  expect(timedHeads(3, 2, 4)).toEqual([3, 0]);
});
