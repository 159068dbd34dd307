import { parameterSpecs, resolveConfig } from "@sus/attention";
import { sizeOf } from "@sus/tensor";
import { expect, test } from "vitest";
import { byGroup, partition, products, squares } from "./partition.ts";

const base = { vocabulary: 7, context: 5, layers: 2, heads: 4, width: 8, hidden: 12 } as const;

test.each([{}, { keyValueHeads: 2, positions: "learned", activation: "swiglu", norm: "layer" } as const])(
  "blocks hold every number once: %o",
  (change) => {
    const config = resolveConfig({ ...base, ...change });
    const { size, blocks } = partition(config);
    expect(size).toBe(parameterSpecs(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0));
    const held = new Uint8Array(size);
    for (const { offset, rows, columns, stride } of blocks) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) held[offset + row * stride + column]! += 1;
      }
    }
    expect(held.every((times) => times === 1)).toBe(true);
  },
);

test("groups are all, parts, layers, and heads", () => {
  const config = resolveConfig(base);
  const whole = partition(config);
  const vector = new Float32Array(whole.size);
  // One number that differs from 0 in the third head's queries of the second layer.
  let offset = 0;
  for (const { name, shape } of parameterSpecs(config)) {
    if (name === "layers.1.attention.query") vector[offset + 3 * 8 + 5] = 3;
    offset += sizeOf(shape);
  }
  const sums = byGroup(whole, squares(whole, vector));
  const touched = whole.groups.filter((_, i) => sums[i]! > 0).map(({ name }) => name);
  expect(touched).toEqual([
    "all",
    "query",
    "layers.1",
    "layers.1.query",
    "layers.1.heads.2",
    "layers.1.query.heads.2",
  ]);
  expect(sums[0]).toBe(9);
  const names = whole.groups.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain("layers.0.value.heads.3");
});

test("keys and values that heads share belong to none of them", () => {
  const { groups, blocks } = partition(resolveConfig({ ...base, keyValueHeads: 2 }));
  const head = groups.find(({ name }) => name === "layers.0.heads.1")!;
  expect(head.blocks.map((i) => blocks[i]!.part)).toEqual(["query", "output"]);
  expect(groups.filter(({ name }) => name.startsWith("layers.0.key.heads"))).toHaveLength(2);
});

test("squares of a difference, and products", () => {
  const whole = partition(resolveConfig(base));
  const a = new Float32Array(whole.size).fill(2);
  const b = new Float32Array(whole.size).fill(0.5);
  expect(byGroup(whole, squares(whole, a, b))[0]).toBe(2.25 * whole.size);
  expect(byGroup(whole, products(whole, a, b))[0]).toBe(whole.size);
});
