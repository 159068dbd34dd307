import { expect, test } from "vitest";
import { expectedKept } from "./expected-kept.ts";

test("what each design keeps of some rows", () => {
  const rows = [Float32Array.of(0.5, 0.25, 0.25), Float32Array.of(1)];
  expect(expectedKept("bernoulli", 2, rows)).toBe((1 + 0.5 + 0.5 + 1) / 2);
  expect(expectedKept("paper", 100, rows)).toBe(2);
  expect(expectedKept("priority", 2, rows)).toBe(1.5);
  expect(expectedKept("top-k", 9, rows)).toBe(2);
  // The first stage keeps min(1, 3·0.4·w) of each.
  expect(expectedKept("two-stage", 0.4, rows)).toBe(0.4);
  expect(expectedKept("two-stage", 1.4, rows, 1)).toBeCloseTo((0.7 + 0.35 + 0.35 + 1) / 2, 6);
});
