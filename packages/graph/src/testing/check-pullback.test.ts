import { describe, expect, test } from "vitest";
import { type Node, operation } from "../node.ts";
import { checkPullback, finiteDifferences } from "./check-pullback.ts";

const power = (slope: number) => (x: Node<number>) =>
  operation("power", x.value ** 3, [x], (g) => [slope * x.value ** 2 * g]);

const multiply = (a: Node<Float64Array>, b: Node<Float64Array>, factor = 1) =>
  operation(
    "multiply",
    a.value.map((x, i) => x * b.value[i]!),
    [a, b],
    (g) => [g.map((x, i) => x * b.value[i]!), g.map((x, i) => factor * x * a.value[i]!)],
  );

describe("checkPullback", () => {
  test("accepts right pullbacks of numbers and vectors", () => {
    expect(checkPullback(power(3), [1.7])).toBeLessThan(0.01);
    const [a, b] = [Float64Array.of(1, -2, 300), Float64Array.of(0, 1e-3, 5)];
    expect(checkPullback((x, y) => multiply(multiply(x, y), x), [a, b])).toBeLessThan(0.1);
  });

  test("accepts a graph from vectors to a number", () => {
    const norm = (x: Node<number | Float64Array>) => {
      const v = x.value as Float64Array;
      return operation<number | Float64Array>(
        "norm",
        v.reduce((sum, e) => sum + e * e, 0),
        [x],
        (g) => [v.map((e) => 2 * e * (g as number))],
      );
    };
    expect(checkPullback(norm, [Float64Array.of(1, 2, 3)])).toBeLessThan(0.1);
  });

  test("names the input and the coordinate of a wrong derivative", () => {
    expect(() => checkPullback(power(2.9999), [1.7])).toThrow(
      /^checkPullback: input 0, coordinate 0: expected a derivative of .*, got /,
    );
    const values = [Float64Array.of(0, 2), Float64Array.of(3, 4)];
    expect(() => checkPullback((a, b) => multiply(a, b, -1), values)).toThrow("input 1, coordinate 1");
  });

  test("misses nothing that the output does not depend on", () => {
    const ignore = (a: Node<number>, b: Node<number>) =>
      operation("first", a.value, [a, b], (g: number) => [g, null]);
    expect(checkPullback(ignore, [1, 2])).toBeLessThan(0.01);
    const claim = (a: Node<number>, b: Node<number>) =>
      operation("sum", a.value + b.value, [a, b], (g: number) => [g, null]);
    expect(() => checkPullback(claim, [1, 2])).toThrow("input 1, coordinate 0");
  });

  test("rejects a derivative that is not a number", () => {
    expect(() => checkPullback(power(Number.NaN), [1])).toThrow("got NaN");
  });

  test("takes a tolerance and a step", () => {
    expect(checkPullback(power(2.9999), [1.7], { tolerance: 1e-3 })).toBeLessThan(1);
    expect(() => checkPullback(power(3), [1.7], { step: 0.1 })).toThrow("checkPullback");
  });

  test("is typed by the values", () => {
    const same = <V>(node: Node<V>) => node;
    checkPullback((x) => same<number>(x), [1]);
    checkPullback((x) => same<Float64Array>(x), [new Float64Array(1)]);
    // @ts-expect-error: a graph of numbers does not take vectors.
    expect(() => checkPullback((x: Node<number>) => power(3)(x), [new Float64Array(2)])).toThrow();
  });
});

test("finiteDifferences finds a gradient", () => {
  const gradient = finiteDifferences((x) => Math.sin(x[0]!) * x[1]!, [0.3, 2]);
  expect(gradient[0]).toBeCloseTo(2 * Math.cos(0.3), 8);
  expect(gradient[1]).toBeCloseTo(Math.sin(0.3), 8);
});
