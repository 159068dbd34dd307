import { describe, expect, test, vi } from "vitest";
import { backward } from "./backward.ts";
import { bernoulli } from "./cuts/bernoulli.ts";
import { fanIn } from "./cuts/fan-in.ts";
import { designs } from "./designs/index.ts";
import { GraphError } from "./errors.ts";
import { type Edge, leaf, type Node, operation } from "./node.ts";
import { independent } from "./random/random.ts";
import { key } from "./random/uniform.ts";
import { float64, numbers } from "./spaces.ts";

const add = (...parents: Node<number>[]) =>
  operation(
    "add",
    parents.reduce((sum, { value }) => sum + value, 0),
    parents,
    (g) => parents.map(() => g),
  );
const multiply = (a: Node<number>, b: Node<number>) =>
  operation("multiply", a.value * b.value, [a, b], (g) => [g * b.value, g * a.value]);
const double = (a: Node<number>) => operation("double", 2 * a.value, [a], (g) => [2 * g]);
const exact = { space: numbers };

describe("exact gradients", () => {
  test("of a product and of a shared factor", () => {
    const x = leaf(3);
    const y = leaf(5);
    expect(backward(multiply(multiply(x, y), x), 1, exact)).toEqual(
      new Map([
        [x, 30],
        [y, 9],
      ]),
    );
  });

  test("of a diamond, where each node is pulled back once", () => {
    const x = leaf(3);
    const pullback = vi.fn((g: number) => [2 * g]);
    const shared = operation("shared", 6, [x], pullback);
    const output = add(double(shared), shared, double(double(shared)));
    expect(backward(output, 1, exact).get(x)).toBe(14);
    expect(pullback.mock.calls).toEqual([[7]]);
  });

  test("of several edges and of a parent used twice", () => {
    const x = leaf(3);
    const edges = [3, 4].map((slope) => ({
      label: "linear",
      parents: [x, x],
      pullback: (g: number) => [slope * g, g],
    }));
    expect(backward({ value: 27, edges }, 2, exact).get(x)).toBe(18);
  });

  test("of an output that is a leaf", () => {
    const x = leaf(3);
    expect(backward(x, 2, exact)).toEqual(new Map([[x, 2]]));
  });

  test("leave out what nothing flows to", () => {
    const x = leaf(3);
    const constant = leaf(4);
    const output = operation("scale", 12, [x, constant], (g: number) => [4 * g, null]);
    expect(backward(output, 1, exact)).toEqual(new Map([[x, 4]]));
  });

  test("keep the inner nodes that are asked for", () => {
    const x = leaf(3);
    const inner = double(x);
    const output = double(double(inner));
    expect(backward(output, 1, { space: numbers, keep: new Set([inner]) })).toEqual(
      new Map([
        [inner, 4],
        [x, 8],
      ]),
    );
  });
});

describe("large graphs", () => {
  test("100,000 nodes deep", () => {
    const x = leaf(1);
    let node = x;
    for (let depth = 0; depth < 100_000; depth++)
      node = operation("negate", -node.value, [node], (g) => [-g]);
    expect(backward(node, 1, exact).get(x)).toBe(1);
    const random = independent(key(0));
    expect(backward(node, 1, { space: numbers, random, cut: () => bernoulli(1) }).get(x)).toBe(1);
    expect(backward(node, 1, { space: numbers, random, cut: () => bernoulli(0.5) }).size).toBe(0);
  });

  test("1,000,000 edges into one node, from one leaf and from as many", () => {
    const x = leaf(1);
    const edge: Edge<number> = { label: "copy", parents: [x], pullback: (g) => [g] };
    const many = Array.from({ length: 1_000_000 }, () => edge);
    expect(backward({ value: 1e6, edges: many }, 1, exact).get(x)).toBe(1e6);

    const leaves = many.map((_, i) => leaf(i));
    const summed = operation("sum", 0, leaves, (g: number) => leaves.map((_, i) => i * g));
    const gradients = backward(summed, 1, exact);
    expect(gradients.size).toBe(1_000_000);
    expect(gradients.get(leaves[999_999]!)).toBe(999_999);

    const cut = { space: numbers, random: independent(key(0)) };
    const kept = backward({ value: 1e6, edges: many }, 1, { ...cut, cut: () => bernoulli(0.5) }).get(x)!;
    // Ten standard deviations of 1,000,000 factors of 0 or 2.
    expect(Math.abs(kept - 1e6)).toBeLessThan(10_000);
    const weighted = many.map((edge) => ({ ...edge, weight: 1 }));
    const fan = () => fanIn<number>(designs.priority, 1000);
    expect(backward({ value: 1e6, edges: weighted }, 1, { ...cut, fanIn: fan }).get(x)! / 1e6).toBeCloseTo(
      1,
      0,
    );
  });

  test("2¹⁰⁰ paths through 100 diamonds", () => {
    const x = leaf(1);
    let node = x;
    for (let depth = 0; depth < 100; depth++) node = add(node, node);
    expect(backward(node, 1, exact).get(x)).toBe(2 ** 100);
  });
});

describe("errors", () => {
  test("a cycle, also through the output", () => {
    const edges: Edge<number>[] = [];
    const node: Node<number> = { value: 1, edges };
    const pullback = vi.fn((g: number) => [g]);
    edges.push({ label: "again", parents: [operation("step", 1, [node], pullback)], pullback });
    expect(() => backward(node, 1, exact)).toThrow(GraphError);
    expect(() => backward(double(node), 1, exact)).toThrow("a node that depends on itself");
    expect(pullback).not.toHaveBeenCalled();
  });

  test("the wrong number of cotangents", () => {
    const output = operation("pair", 1, [leaf(1), leaf(2)], (g: number) => [g]);
    expect(() => backward(output, 1, exact)).toThrow(
      'backward: edge "pair": expected 2 cotangents from the pullback, one a parent, got 1',
    );
  });

  test("a cotangent of the wrong shape", () => {
    const x = leaf(new Float64Array(2));
    const output = operation("bad", new Float64Array(3), [x], (g) => [g]);
    expect(() => backward(output, new Float64Array(3), { space: float64 })).toThrow(
      'backward: edge "bad": expected a cotangent of the shape of parent 0 from the pullback',
    );
    expect(() => backward(x, new Float64Array(3), { space: float64 })).toThrow(
      "backward: expected a seed of the output's shape",
    );
  });

  test("a failing pullback, with its edge's name and the cause", () => {
    const cause = new RangeError("out of memory");
    const output = operation("matmul", 1, [leaf(1)], (_: number): number[] => {
      throw cause;
    });
    expect(() => backward(output, 1, exact)).toThrow(
      expect.objectContaining({
        name: "GraphError",
        message: 'backward: edge "matmul": out of memory',
        cause,
      }),
    );
  });

  test("cuts without random numbers", () => {
    expect(() => backward(leaf(1), 1, { space: numbers, cut: () => undefined })).toThrow(
      "backward: expected options.random for the cuts to draw from, got none",
    );
  });

  test("a space that can drop but not share", () => {
    expect(() => backward(leaf(1), 1, { space: { ...numbers, drop: () => {} } })).toThrow(
      "backward: expected a space with share, as it has drop",
    );
  });
});
