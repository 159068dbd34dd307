import { describe, expect, test } from "vitest";
import { fromBrainHalf, fromHalf, halfLimit, toHalf } from "./half.ts";

/** A float16's bits by the definition: sign, exponent with bias 15, fraction. */
function standardValue(half: number): number {
  const sign = half >= 0x8000 ? -1 : 1;
  const [exponent, fraction] = [Math.floor(half / 1024) % 32, half % 1024];
  if (exponent === 31) return fraction > 0 ? NaN : sign * Infinity;
  return exponent === 0 ? sign * (fraction / 2 ** 24) : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

const all = Array.from({ length: 2 ** 16 }, (_, half) => half);

describe("float16", () => {
  test("every one has the value that the standard gives it, and comes back to its bits", () => {
    for (const half of all) {
      const value = fromHalf(half);
      if (!Object.is(value, standardValue(half))) expect.fail(`${half}: ${value}`);
      if (!Number.isNaN(value) && toHalf(value) !== half) expect.fail(`${half}: ${toHalf(value)}`);
    }
    expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
  });

  test("what lies between two goes to the nearer one, from the middle to the even one", () => {
    for (let half = 0; half < 0x7bff; half++) {
      const [low, high] = [standardValue(half), standardValue(half + 1)];
      const middle = (low + high) / 2;
      const even = half % 2 === 0 ? half : half + 1;
      const [below, above] = [neighbour(middle, -1), neighbour(middle, 1)];
      for (const [value, wanted] of [
        [middle, even],
        [below, half],
        [above, half + 1],
      ] as const) {
        if (toHalf(value) !== wanted) expect.fail(`${value}: ${toHalf(value)}, not ${wanted}`);
        if (toHalf(-value) !== wanted + 0x8000) expect.fail(`${-value}: ${toHalf(-value)}`);
      }
    }
  });

  test("numbers too large become infinite, those too small 0, and zero keeps its sign", () => {
    expect(fromHalf(toHalf(neighbour(halfLimit, -1)))).toBe(65504);
    expect(fromHalf(toHalf(halfLimit))).toBe(Infinity);
    expect(fromHalf(toHalf(-1e38))).toBe(-Infinity);
    expect([toHalf(2 ** -25), toHalf(neighbour(2 ** -25, 1)), toHalf(1e-40)]).toEqual([0, 1, 0]);
    expect([toHalf(-0), toHalf(-1e-40)]).toEqual([0x8000, 0x8000]);
  });
});

test("bfloat16 is the first half of a float32", () => {
  expect([0x3f80, 0xc000, 0x0001, 0x7f80].map(fromBrainHalf)).toEqual([1, -2, 2 ** -133, Infinity]);
});

/** The float32 next to a positive one. */
function neighbour(value: number, step: 1 | -1): number {
  const float = Float32Array.of(value);
  new Uint32Array(float.buffer)[0]! += step;
  return float[0]!;
}
