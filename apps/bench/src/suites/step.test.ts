import { expect, test } from "vitest";
import { compare, partsOf, typical } from "./step.ts";

test("kernels count for the part that their names begin with, all else is the rest", () => {
  const kernels = new Map([
    ["attentionForward", 8],
    ["attentionForwardPackRows", 2],
    ["attentionBackwardExact", 20],
    ["matmul", 30],
    ["gelu", 5],
  ]);
  expect(partsOf(100, kernels)).toEqual({
    stepMs: 100,
    attentionForwardMs: 10,
    attentionBackwardMs: 20,
    matmulMs: 30,
    restMs: 40,
  });
});

test("the typical step is one of those measured", () => {
  const steps = [30, 10, 20].map((stepMs) => partsOf(stepMs, new Map([["matmul", stepMs / 2]])));
  expect(typical(steps)).toBe(steps[2]);
});

test("the bound is a step whose attention backward is free", () => {
  const exact = partsOf(100, new Map([["attentionBackwardExact", 60]]));
  const sampled = partsOf(50, new Map([["attentionBackwardRows", 8]]));
  expect(compare([exact], [sampled])).toEqual({ ratio: 2, bound: 2.5, ofBound: 0.8 });
});

test("each sampled step is compared to the exact one beside it, so that a slow moment does not count", () => {
  const pair = (slowness: number, backwardMs: number) => [
    partsOf(100 * slowness, new Map([["attentionBackwardExact", backwardMs * slowness]])),
    partsOf(50 * slowness, new Map()),
  ];
  const pairs = [pair(1, 50), pair(10, 50), pair(3, 60)];
  const [exact, sampled] = [0, 1].map((side) => pairs.map((times) => times[side]!));
  expect(compare(exact!, sampled!)).toEqual({ ratio: 2, bound: 2, ofBound: 1 });
});
