import { independent, key } from "@sus/graph";
import { describe, expect, test } from "vitest";
import { allocate, allocateMean, noiseOf } from "./allocate.ts";
import { adjust, type Budgets, type ControllerOptions } from "./controller.ts";

const bounds = { least: 4, most: 1000 };

describe("allocate", () => {
  const law = { strengths: [8, 1, 0.2, 0.05], exponent: 1.4 };

  test("holds the target with fewer entries than any other split", () => {
    const kept = allocate(law, 0.01, { least: 1e-3, most: 1e6 });
    expect(noiseOf(law, kept)).toBeCloseTo(0.01, 10);
    const total = (split: readonly number[]) => split.reduce((sum, k) => sum + k, 0);
    // Moving entries from one layer to another makes noise.
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [3, 2],
      [2, 0],
    ] as const) {
      const moved = kept.map((k, layer) => k + (layer === from ? -0.5 : layer === to ? 0.5 : 0));
      expect(noiseOf(law, moved)).toBeGreaterThan(0.01);
    }
    const uniform = (total(law.strengths) / 0.01) ** (1 / 1.4);
    expect(total(kept)).toBeLessThan(0.75 * 4 * uniform);
  });

  test("stays within bounds, and lets the other layers make up for it", () => {
    const kept = allocate(law, 0.01, { least: 40, most: 160 });
    expect(kept[0]).toBe(160);
    expect(Math.min(...kept)).toBeGreaterThanOrEqual(40);
    expect(noiseOf(law, kept)).toBeCloseTo(0.01, 8);
    expect(allocate(law, 1e9, bounds)).toEqual([4, 4, 4, 4]);
    expect(allocate(law, 1e-9, bounds)).toEqual([1000, 1000, 1000, 1000]);
  });

  test("splits a mean in the same way, with less noise than equal parts", () => {
    const kept = allocateMean(law, 30, bounds);
    expect(kept.reduce((sum, k) => sum + k, 0)).toBeCloseTo(120, 6);
    expect(noiseOf(law, kept)).toBeLessThan(0.75 * noiseOf(law, [30, 30, 30, 30]));
    expect(kept[0]! / kept[1]!).toBeCloseTo(8 ** (1 / 2.4), 6);
    const even = allocateMean(law, 30, { least: 1, most: 1000 }, true);
    expect(even.reduce((sum, k) => sum + k, 0)).toBeCloseTo(120, 6);
    for (const [layer, k] of even.entries()) {
      expect(law.strengths[layer]! * k ** -1.4).toBeCloseTo(law.strengths[0]! * even[0]! ** -1.4, 8);
    }
  });
});

/** Layers whose noise falls as a power of what they keep, and probes that scatter by some factor. */
class Plant {
  strengths = [6, 1, 0.3, 0.1];
  readonly exponent: number;
  readonly scatter: number;
  readonly #random = independent(key(9));

  constructor({ exponent = 1.4, scatter = 1 }: { exponent?: number; scatter?: number } = {}) {
    this.exponent = exponent;
    this.scatter = scatter;
  }

  noise({ kept }: Budgets): number {
    return noiseOf(this, kept);
  }

  /** The noise of all layers after each of some probes, from uniform budgets of 30. */
  run(probes: number, options: ControllerOptions, jumpAt = Infinity): number[] {
    let budgets: Budgets = { kept: [30, 30, 30, 30], logStrengths: null };
    return Array.from({ length: probes }, (_, probe) => {
      if (probe === jumpAt) this.strengths = this.strengths.map((a, layer) => a * (layer === 1 ? 20 : 3));
      const noise = this.strengths.map(
        (a, layer) =>
          a * budgets.kept[layer]! ** -this.exponent * this.scatter ** (2 * this.#random.uniform() - 1),
      );
      budgets = adjust(budgets, { kept: budgets.kept, noise }, options);
      return this.noise(budgets);
    });
  }
}

const options: ControllerOptions = { target: 0.01, bounds };
const near = (noise: number, factor: number) => {
  expect(noise).toBeLessThan(0.01 * factor);
  expect(noise).toBeGreaterThan(0.01 / factor);
};

describe("the controller", () => {
  test("settles on the target", () => {
    const noise = new Plant().run(12, options);
    for (const value of noise.slice(6)) near(value, 1.02);
  });

  test.each([0.9, 1.2, 1.8, 2.2])(
    "settles where noise falls with the power %d, not the one assumed",
    (exponent) => {
      const noise = new Plant({ exponent }).run(25, { ...options, bounds: { least: 4, most: 1e5 } });
      for (const value of noise.slice(15)) near(value, 1.05);
    },
  );

  test.each([1, 1.4, 2.2])(
    "does not oscillate: from one side it comes to the target and stays (power %d)",
    (exponent) => {
      const sides = new Plant({ exponent })
        .run(25, options)
        .map((value) => Math.sign(Math.round(200 * Math.log(value / 0.01))));
      // Whatever the side it starts on, it changes sides at most once.
      const changes = sides.filter((side, i) => side !== 0 && i > 0 && sides[i - 1] === -side);
      expect(changes.length).toBeLessThanOrEqual(1);
    },
  );

  test("survives a jump of the noise: mostly made up for by the next probe, and back at the target in six probes", () => {
    const noise = new Plant().run(32, options, 12);
    const after = noise.slice(12);
    expect(after[0]!).toBeGreaterThan(0.015);
    for (const [i, value] of after.entries()) if (i > 0) expect(value).toBeLessThan(after[0]! * 1.001);
    for (const value of after.slice(6)) near(value, 1.05);
    // It does not overshoot by more than a little.
    expect(Math.min(...after)).toBeGreaterThan(0.008);
  });

  test("holds the target on average where probes are wrong by up to a factor of 2", () => {
    const noise = new Plant({ scatter: 2 }).run(200, options).slice(20);
    near(noise.reduce((sum, value) => sum + value, 0) / noise.length, 1.1);
    for (const value of noise) near(value, 2);
  });

  test("one absurd probe changes a budget by a small factor", () => {
    const before: Budgets = { kept: [30, 30], logStrengths: [0, 0] };
    for (const noise of [
      [1e9, 1e9],
      [0, 0],
    ]) {
      const { kept } = adjust(before, { kept: [30, 30], noise }, options);
      for (const k of kept) {
        expect(k).toBeGreaterThanOrEqual(20);
        expect(k).toBeLessThanOrEqual(90);
      }
    }
  });

  test("keeps within bounds, also where a layer has no noise at all", () => {
    let budgets: Budgets = { kept: [30, 30], logStrengths: null };
    for (let probe = 0; probe < 20; probe++) {
      const noise = [budgets.kept[0]! ** -1.4, 0];
      budgets = adjust(budgets, { kept: budgets.kept, noise }, options);
    }
    expect(budgets.kept[1]).toBeGreaterThanOrEqual(4);
    expect(budgets.kept[1]).toBeLessThan(6);
    near(budgets.kept[0]! ** -1.4, 1.1);
  });
});
