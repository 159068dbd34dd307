import { describe, expect, test } from "vitest";
import { independent, realised, rotation } from "./random.ts";
import { type Key, threefry } from "./threefry.ts";
import { fold, independentBits, key, resolution, rotationBits, toUniform } from "./uniform.ts";

const hex = ({ k0, k1 }: Key) => [k0, k1].map((word) => word.toString(16).padStart(8, "0")).join(" ");

describe("threefry", () => {
  test.each([
    ["zeros", { k0: 0, k1: 0 }, [0, 0], "6b200159 99ba4efe"],
    ["ones", { k0: 0xffffffff, k1: 0xffffffff }, [0xffffffff, 0xffffffff], "1cb996fc bb002be7"],
    ["pi", { k0: 0x13198a2e, k1: 0x03707344 }, [0x243f6a88, 0x85a308d3], "c4923a9c 483df7a0"],
  ] as const)("matches the known answers of Random123: %s", (_, k, [c0, c1], answer) => {
    expect(hex(threefry(k, c0, c1))).toBe(answer);
  });
});

/** The specification that the kernels on every device must meet: never change these numbers. */
describe("pinned numbers", () => {
  const row = fold(key(42), 7);

  test("keys", () => {
    expect(hex(key(0))).toBe("6b200159 99ba4efe");
    expect(hex(key(42))).toBe("de79f4b9 4f6cc618");
    expect(hex(key(2 ** 53 - 1))).toBe("6fbce575 e2437943");
    expect(hex(row)).toBe("3065d9fc e4ce27f2");
  });

  test("independent entries", () => {
    expect([0, 1, 2, 3, 1000, 2 ** 31, 2 ** 32 - 1].map((j) => independentBits(row, j))).toEqual([
      3549750744, 1541295845, 905308804, 4180019479, 2783850505, 4047767999, 3560140506,
    ]);
  });

  test("rotation entries", () => {
    expect([0, 1, 2, 3, 1000, 2 ** 31, 2 ** 32 - 1].map((j) => rotationBits(row, j))).toEqual([
      811981308, 3466417077, 1825885550, 185354023, 957961380, 2959464956, 2452512835,
    ]);
  });

  test("streams draw entry after entry", () => {
    const draws = independent(row);
    expect([0, 1, 2].map(() => draws.uniform())).toEqual(
      [0, 1, 2].map((j) => toUniform(independentBits(row, j))),
    );
    const turns = rotation(row);
    expect([0, 1, 2].map(() => turns.uniform())).toEqual(
      [0, 1, 2].map((j) => toUniform(rotationBits(row, j))),
    );
    expect(independent(row).fork(9).uniform()).toBe(toUniform(independentBits(fold(row, 9), 0)));
    expect(rotation(row).fork(9).uniform()).toBe(toUniform(rotationBits(fold(row, 9), 0)));
  });
});

describe("uniforms", () => {
  test("lie in (0, 1], on a grid that float32 holds", () => {
    expect(toUniform(0)).toBe(resolution);
    expect(toUniform(0xffffffff)).toBe(1);
    for (let j = 0; j < 1000; j++) {
      const u = toUniform(independentBits({ k0: 1, k1: 2 }, j));
      expect(Math.fround(u)).toBe(u);
      expect(u * 2 ** 24).toBe(Math.round(u * 2 ** 24));
    }
  });

  test("decide with exactly the realised probability", () => {
    // All 2²⁴ values of a uniform lie on a grid; near q only its neighbours can be decided wrongly.
    for (const q of [resolution / 3, resolution, 0.1, 0.5, 1 / 3, 1 - resolution / 2, 1]) {
      const count = realised(q) / resolution;
      expect(Number.isInteger(count)).toBe(true);
      expect(realised(q) - q).toBeGreaterThanOrEqual(0);
      expect(realised(q) - q).toBeLessThan(resolution);
      const taken = (k: number) => withBits(k * 256).bernoulli(q);
      expect(taken(count - 1)).toBe(true);
      if (count < 2 ** 24) expect(taken(count)).toBe(false);
    }
    expect(withBits(0).bernoulli(0)).toBe(false);
  });

  test("a decision takes one draw, also at 0 and 1", () => {
    const random = independent(key(1));
    random.bernoulli(0);
    random.bernoulli(1);
    expect(random.uniform()).toBe(toUniform(independentBits(key(1), 2)));
  });
});

/** A stream whose first draw is `bits`. */
function withBits(bits: number) {
  return rotation({ k0: bits, k1: 0 });
}

test.each([-1, 0.5, 2 ** 53, Number.NaN])("key refuses the seed %s", (seed) => {
  expect(() => key(seed)).toThrow(`key: expected a seed that is an integer in [0, 2^53), got ${seed}`);
});

/**
 * Counts in cells against their expectation. The false-alarm rate is at most 1e-7 a test, by Bernstein's inequality
 * for a binomial count and a union over the cells: |count − np| ≤ t unless 2·exp(−t²/(2(np(1−p) + t/3))) ≤ 1e-7/cells.
 */
describe("statistics", () => {
  const n = 200_000;

  function expectUniform(cells: number, cellOf: (draw: number) => number) {
    const counts = new Uint32Array(cells);
    for (let draw = 0; draw < n; draw++) {
      const cell = cellOf(draw);
      counts[cell] = counts[cell]! + 1;
    }
    const p = 1 / cells;
    const l = Math.log((2 * cells) / 1e-7);
    const bound = l / 3 + Math.sqrt((l / 3) ** 2 + 2 * l * n * p * (1 - p));
    for (const count of counts) expect(Math.abs(count - n * p)).toBeLessThanOrEqual(bound);
  }

  const root = key(20261124);
  const row = fold(root, 3);
  const cell = (bits: number, cells: number) => Math.min(cells - 1, Math.floor(toUniform(bits) * cells));

  test("entries of one row are uniform", () => {
    expectUniform(256, (j) => cell(independentBits(row, j), 256));
  });

  test("one entry of many rows is uniform, by either function", () => {
    expectUniform(256, (i) => cell(independentBits(fold(root, i), 5), 256));
    expectUniform(256, (i) => cell(rotationBits(fold(root, i), 5), 256));
  });

  test.each([1, 2, 3, 5, 8, 64, 1024])("entries %i apart in a row are independent", (lag) => {
    expectUniform(
      256,
      (j) => cell(independentBits(row, j), 16) * 16 + cell(independentBits(row, j + lag), 16),
    );
  });

  test("the same entry of neighbouring rows, and of neighbouring seeds, is independent", () => {
    expectUniform(
      256,
      (i) =>
        cell(independentBits(fold(root, i), 9), 16) * 16 + cell(independentBits(fold(root, i + 1), 9), 16),
    );
    expectUniform(
      256,
      (seed) => cell(independentBits(key(seed), 0), 16) * 16 + cell(independentBits(key(seed + 1), 0), 16),
    );
  });

  test("the two words of a key are independent", () => {
    expectUniform(256, (i) => {
      const { k0, k1 } = fold(root, i);
      return (k0 >>> 28) * 16 + (k1 >>> 28);
    });
  });

  test("every bit of an entry is fair", () => {
    for (let bit = 0; bit < 32; bit++) expectUniform(2, (j) => (independentBits(row, j) >>> bit) & 1);
  });
});
