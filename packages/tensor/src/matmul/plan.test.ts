import { expect, test } from "vitest";
import { planOf } from "./plan.ts";

test("large tiles where they fit, small ones at the edges, thin ones for vectors", () => {
  const tiles = (m: number, n: number) => planOf(m, n, 64, true).workgroups;
  expect(tiles(1024, 512)).toEqual([4, 8, 1]);
  expect(tiles(130, 140)).toEqual([3, 3, 1]);
  expect(tiles(8, 1000)).toEqual([4, 2, 1]);
  expect(tiles(1000, 3)).toEqual([4, 1, 1]);
  expect(planOf(1000, 3, 64, true).constants).toEqual({ SWAPPED: 1 });
});

test("few tiles of long sums are split, so that a large GPU is busy", () => {
  const plan = planOf(768, 768, 16_384, true);
  expect(plan.workgroups).toEqual([6, 6, 8]);
  expect(plan.depth).toBe(2048);
  expect(planOf(768, 768, 16_384, false).workgroups).toEqual([6, 6, 1]);
  expect(planOf(768, 768, 300, true).workgroups).toEqual([6, 6, 1]);
  expect(planOf(4096, 4096, 4096, true).workgroups).toEqual([32, 32, 1]);
  expect(planOf(64, 64, 1030, true)).toMatchObject({ workgroups: [1, 1, 4], depth: 272 });
});
