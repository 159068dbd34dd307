import { type DesignName, float64, key, type Random, resolution } from "@sus/graph";
import { expectation } from "@sus/graph/testing";
import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { type Shape, sampleRows, toDense } from "../index.ts";
import { toDenseReference } from "../toDense/reference.ts";
import { sampleRowsReference } from "./reference.ts";

/** Draws the same given uniforms in every row. */
function draws(...uniforms: readonly number[]): Random {
  let next = 0;
  const uniform = () => uniforms[next++]!;
  return { uniform, bernoulli: (q) => uniform() - resolution < q, fork: () => draws(...uniforms) };
}

function denseSample(
  weights: readonly number[],
  shape: Shape,
  design: DesignName,
  c: number,
  random: Random,
) {
  return toDenseReference(sampleRowsReference(weights, shape, design, c, random));
}

// The kernels keep the very entries that the reference keeps (sampleRows.test.ts), so what holds for it holds for them.
describe("the expectation of the sample is the matrix, exactly", () => {
  test.each([0.3, 1, 2.7])("bernoulli at c = %f, over all outcomes", (c) => {
    const weights = [0.5, 0.2, 0.3, 0, 1e-12, 0.7, 1 / 3, 1 / 7, 0];
    const mean = expectation((random) => denseSample(weights, [3, 3], "bernoulli", c, random), float64);
    weights.forEach((weight, i) => {
      expect(Math.abs(mean[i]! - weight)).toBeLessThanOrEqual(1e-12 * weight);
    });
  });

  test.each([1, 2, 4])("systematic at c = %i, over all starts", (c) => {
    // All probabilities are multiples of 1/16, so the starts within one sixteenth keep the same entries.
    const weights = [1 / 16, 3 / 16, 0, 5 / 16, 7 / 16, 1 / 4, 1 / 2, 1 / 16, 1 / 16, 1 / 8];
    let mean: Float64Array = new Float64Array(10);
    for (let start = 0; start < 16; start++) {
      const random = draws(start / 16 + 1 / 32);
      mean = float64.add(mean, denseSample(weights, [2, 5], "systematic", c, random));
    }
    expect([...float64.scale(mean, 1 / 16)]).toEqual(weights);
  });

  test.each([1, 2, 3])("priority at c = %i, over each entry's draws with the others fixed", (c) => {
    const weights = [0.5, 0.2, 0.05, 0.25];
    for (const uniforms of [
      [0.7, 0.3, 0.9, 0.2],
      [0.1, 0.4, 0.02, 0.8],
      [1, 1, 1, 1],
    ]) {
      weights.forEach((weight, j) => {
        const estimate = (steps: number) =>
          denseSample(weights, [1, 4], "priority", c, draws(...uniforms.with(j, steps * resolution)))[j]!;
        // An entry is kept, always with the same estimate, at every draw up to a last one: found by bisection.
        let [kept, dropped] = [1, 2 ** 24 + 1];
        while (dropped - kept > 1) {
          const middle = (kept + dropped) >> 1;
          if (estimate(middle) > 0) kept = middle;
          else dropped = middle;
        }
        const value = estimate(1);
        expect(estimate(kept)).toBe(value);
        expect(Math.abs(kept * resolution * value - weight)).toBeLessThanOrEqual(value * resolution);
      });
    }
  });
});

test.each<DesignName>(["bernoulli", "priority", "systematic"])(
  "%s on the device is right on average (false alarms below 1e-6)",
  async (design) => {
    using device = await openDevice("wasm", { threads: 1 });
    const row = Float32Array.of(0.4, 0.05, 0.3, 0.01, 0.2, 0.04);
    const [rows, columns] = [40_000, row.length];
    const weights = Float32Array.from({ length: rows * columns }, (_, i) => row[i % columns]!);
    const sample = await toDense(
      sampleRows(device.tensor(weights, [rows, columns]), design, 2, key(7)),
    ).read();
    row.forEach((weight, j) => {
      const values = Float64Array.from({ length: rows }, (_, i) => sample[i * columns + j]!);
      const mean = values.reduce((sum, value) => sum + value) / rows;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rows - 1);
      // 18 comparisons, each at 5.5 standard errors: 18 · 4e-8 < 1e-6.
      expect(Math.abs(mean - weight)).toBeLessThanOrEqual(5.5 * Math.sqrt(variance / rows) + 1e-7);
    });
  },
);
