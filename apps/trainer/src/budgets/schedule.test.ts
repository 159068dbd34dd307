import { expect, test } from "vitest";
import { passesOf, probeSteps } from "./schedule.ts";

test("probes cost at most an eightieth of the passes of training, and come early", () => {
  for (const [layers, batch, steps] of [
    [4, 1, 1000],
    [4, 8, 1000],
    [12, 3, 5000],
    [1, 500, 20],
    [4, 2, 319],
  ] as const) {
    const due = probeSteps({ layers, batch, steps, exactFirst: 0 });
    expect((passesOf(layers) * due.length) / (steps * batch)).toBeLessThanOrEqual(1 / 80);
    expect(new Set(due).size).toBe(due.length);
    for (const step of due) expect(step).toBeLessThanOrEqual(steps);
  }
  // Every 80 steps on average.
  expect(probeSteps({ layers: 4, batch: 8, steps: 800, exactFirst: 0 })).toEqual([
    2, 18, 50, 98, 162, 242, 338, 450, 578, 722,
  ]);
  expect(probeSteps({ layers: 4, batch: 2, steps: 319, exactFirst: 0 })).toEqual([]);
});

test("exact first steps are not probed: the first probe comes before any step is sampled", () => {
  const due = probeSteps({ layers: 4, batch: 8, steps: 840, exactFirst: 200 });
  expect(due).toHaveLength(10);
  expect(due[0]).toBe(200);
  expect(due.slice(1)).toEqual([214, 240, 278, 330, 394, 470, 560, 662, 778]);
  // As many as there are sampled steps at most.
  expect(probeSteps({ layers: 1, batch: 500, steps: 20, exactFirst: 17 })).toEqual([17, 18, 19]);
});
