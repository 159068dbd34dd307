import { describe, expect, test } from "vitest";
import { GraphError } from "./errors.ts";
import { float32, float64, numbers } from "./spaces.ts";

test("numbers", () => {
  expect(numbers.add(2, 3)).toBe(5);
  expect(numbers.scale(2, 3)).toBe(6);
});

describe.each([
  ["float64", float64, Float64Array],
  ["float32", float32, Float32Array],
] as const)("%s", (name, space, Vector) => {
  // Both spaces and both arrays share their structure, which is all that is used here.
  const { add, scale, fits } = space as typeof float64;
  const vector = (...values: number[]) => Vector.from(values) as Float64Array;

  test("adds and scales into new vectors of its own type", () => {
    const [a, b] = [vector(1, 2), vector(3, 5)];
    expect(add(a, b)).toEqual(vector(4, 7));
    expect(scale(a, 1.5)).toEqual(vector(1.5, 3));
    expect([a, b]).toEqual([vector(1, 2), vector(3, 5)]);
  });

  test("does not add vectors of different lengths", () => {
    expect(fits!(vector(1), vector(1))).toBe(true);
    expect(fits!(vector(1), vector(1, 2))).toBe(false);
    for (const other of [vector(1), vector(1, 2, 3)]) {
      expect(() => add(vector(1, 2), other)).toThrow(GraphError);
      expect(() => add(vector(1, 2), other)).toThrow(
        `${name}: expected a vector of length 2, got one of length ${other.length}`,
      );
    }
  });
});
