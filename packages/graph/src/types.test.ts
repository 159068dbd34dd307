import { expect, expectTypeOf, test } from "vitest";
import {
  type BackwardOptions,
  backward,
  bernoulli,
  byWeight,
  type Cut,
  designs,
  type Edge,
  type FanIn,
  fanIn,
  float32,
  float64,
  independent,
  key,
  leaf,
  type Node,
  numbers,
  operation,
  type VectorSpace,
} from "./index.ts";

test("the value type follows from the graph", () => {
  const x = leaf(2);
  expectTypeOf(x).toEqualTypeOf<Node<number>>();
  const y = operation("square", 4, [x], (g) => {
    expectTypeOf(g).toEqualTypeOf<number>();
    return [4 * g];
  });
  const gradients = backward(y, 1, { space: numbers });
  expectTypeOf(gradients).toEqualTypeOf<ReadonlyMap<Node<number>, number>>();
  expect(gradients.get(x)).toBe(4);
});

test("cuts take the value type of the graph they are used in", () => {
  expectTypeOf<NonNullable<BackwardOptions<string>["cut"]>>().toEqualTypeOf<
    (edge: Edge<string>) => Cut<string> | undefined
  >();
  const random = independent(key(0));
  const x: Node<Float32Array> = leaf(Float32Array.of(1, 2));
  const options: BackwardOptions<Float32Array> = {
    space: float32,
    random,
    cut: ({ weight }) => (weight === undefined ? bernoulli(1) : undefined),
    fanIn: () => undefined,
  };
  expect(backward(x, Float32Array.of(3, 4), options).get(x)).toEqual(Float32Array.of(3, 4));
  expectTypeOf(byWeight<number>(3)).toEqualTypeOf<(edge: Edge<number>) => Cut<number> | undefined>();
  expectTypeOf(fanIn<number>(designs.priority, 3)).toEqualTypeOf<FanIn<number>>();
});

test("a space, a seed and a graph of different types do not fit", () => {
  const x = leaf(2);
  // @ts-expect-error: vectors do not add numbers.
  expect(() => backward(x, 1, { space: float64 }).size).not.toThrow();
  // @ts-expect-error: the seed is no number.
  expect(() => backward(x, "1", { space: numbers }).size).not.toThrow();
  // @ts-expect-error: backward cannot do without add.
  expectTypeOf({ scale: (v: number) => v }).toExtend<VectorSpace<number>>();
});

test("nodes and edges cannot be changed", () => {
  expectTypeOf<Node<number>["edges"]>().toEqualTypeOf<readonly Edge<number>[]>();
  expectTypeOf<ReturnType<Edge<number>["pullback"]>>().toEqualTypeOf<readonly (number | null)[]>();
});
