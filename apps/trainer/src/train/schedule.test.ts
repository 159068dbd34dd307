import { expect, test } from "vitest";
import { learningRateAt } from "./schedule.ts";

test("rises in a straight line, then falls by half a cosine to a tenth", () => {
  const schedule = { learningRate: 2, warmUp: 4, steps: 12 };
  const rates = Array.from({ length: 12 }, (_, index) => learningRateAt(index + 1, schedule));
  expect(rates.slice(0, 4)).toEqual([0.5, 1, 1.5, 2]);
  expect(rates[7]).toBeCloseTo(0.2 + 1.8 / 2, 12);
  expect(rates[11]).toBeCloseTo(0.2, 12);
  for (let step = 4; step < 12; step++) expect(rates[step]).toBeLessThan(rates[step - 1]!);
});

test("runs without a warm-up, and with nothing else", () => {
  expect(learningRateAt(1, { learningRate: 1, warmUp: 0, steps: 1 })).toBeCloseTo(0.1, 12);
  expect(learningRateAt(3, { learningRate: 1, warmUp: 3, steps: 3 })).toBe(1);
});
