import { backward, designs, independent, key, type Node, operation, type Random, rows } from "@sus/graph";
import { expectation } from "@sus/graph/testing";
import { expect, test, vi } from "vitest";
import { expectClose, numbers, onBothBuilds } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import type { Device, Tensor } from "../index.ts";
import { sizeOf } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import * as ops from "./index.ts";

const height = 6;
const kept = Uint32Array.of(1, 2, 5);
const factors = Float64Array.of(2, 1, 4);

/** Operations whose pullbacks treat rows one by one, and one that does not know of kept rows. */
const cases: Record<string, { shapes: number[][]; node: (...leaves: Node<Tensor>[]) => Node<Tensor> }> = {
  matmul: {
    shapes: [
      [height, 5],
      [5, 4],
    ],
    node: (a, b) => ops.matmul(a, b),
  },
  "matmul, b transposed": {
    shapes: [
      [height, 5],
      [4, 5],
    ],
    node: (a, b) => ops.matmul(a, b, { transposeB: true }),
  },
  "matmul, a transposed": {
    shapes: [
      [5, height],
      [5, 4],
    ],
    node: (a, b) => ops.matmul(a, b, { transposeA: true }),
  },
  addBias: { shapes: [[height, 5], [5]], node: (x, bias) => ops.addBias(x, bias) },
  scale: { shapes: [[height, 5]], node: (x) => ops.scale(x, 0.25) },
  gelu: { shapes: [[2, 3, 5]], node: (x) => ops.gelu(x) },
  swiglu: {
    shapes: [
      [height, 5],
      [height, 5],
    ],
    node: (gate, up) => ops.swiglu(gate, up),
  },
  add: {
    shapes: [
      [height, 5],
      [height, 5],
    ],
    node: (a, b) => ops.add(a, b),
  },
  reshape: { shapes: [[height, 5]], node: (x) => ops.reshape(x, [2, 3, 5]) },
  "reshape to another width": { shapes: [[3, 10]], node: (x) => ops.reshape(x, [height, 5]) },
  rmsNorm: { shapes: [[height, 5], [5]], node: (x, gain) => ops.rmsNorm(x, gain) },
};

function leavesOf(device: Device, shapes: readonly number[][]): Node<Tensor>[] {
  return shapes.map((shape, i) => ops.leaf(device.tensor(numbers(sizeOf(shape), i + 1), shape)));
}

onBothBuilds("kept rows", (open) => {
  test.each(Object.entries(cases))(
    "%s: gradients are those of the matrix with zeros",
    async (_, { shapes, node }) => {
      using device = await open();
      using _scope = device.scope();
      const leaves = leavesOf(device, shapes);
      const output = node(...leaves);
      const full = device.tensor(numbers(output.value.size, 9), output.value.shape);
      const sparse = ops.tensors.takeRows(full, kept, factors);
      using written = ops.tensors.takeRows(full, kept, factors);
      const dense = device.tensor((await written.read()) as Float32Array, written.shape);
      const before = device.memory.used;
      const wanted = backward(output, dense, { space: ops.tensors });
      const found = backward(output, sparse, { space: ops.tensors });
      for (const leaf of leaves) {
        expect(found.get(leaf)!.shape).toEqual(leaf.value.shape);
        expectClose(await found.get(leaf)!.read(), await wanted.get(leaf)!.read(), 1e-6);
      }
      for (const gradients of [wanted, found]) for (const g of gradients.values()) ops.tensors.drop!(g);
      // Only what the seed itself holds may have changed, where a pullback wrote its zeros out.
      ops.tensors.drop!(sparse);
      expect(device.memory.used).toBeLessThanOrEqual(before);
    },
  );
});

/** An MLP of two layers and a residual path. */
function network(device: Device) {
  const leaves = leavesOf(device, [[height, 3], [3, 8], [8], [8, 3]]);
  const [x, w1, bias, w2] = leaves as [Node<Tensor>, Node<Tensor>, Node<Tensor>, Node<Tensor>];
  const hidden = ops.gelu(ops.addBias(ops.matmul(x, w1), bias));
  const output = ops.add(ops.matmul(hidden, w2), ops.scale(x, 0.5));
  const seed = device.tensor(
    numbers(height * 3, 5).map((v, i) => v * 2 ** -Math.floor(i / 3)),
    [height, 3],
  );
  return { leaves, output, seed };
}

test.each(["add", "matmul", "gelu", "every edge"])(
  "row cuts at %s are unbiased over all outcomes",
  async (label) => {
    using device = await openDevice("wasm", { threads: 1 });
    using _scope = device.scope();
    const { leaves, output, seed } = network(device);
    const exact = backward(output, seed, { space: ops.tensors });
    const cut = rows(ops.tensors, designs.bernoulli, { count: label === "every edge" ? 1.5 : 2.5 });
    const few = label === "every edge" ? ["add", "matmul"] : [label];
    const before = device.memory.used;
    for (const leaf of leaves) {
      const estimate = (random: Random) => {
        const gradients = backward(output, seed, {
          space: ops.tensors,
          random,
          cut: (edge) => (few.includes(edge.label) ? cut : undefined),
        });
        for (const [node, gradient] of gradients) if (node !== leaf) ops.tensors.drop!(gradient);
        return gradients.get(leaf) ?? device.zeros(leaf.value.shape);
      };
      using mean = expectation(estimate, ops.tensors);
      expectClose(await mean.read(), await exact.get(leaf)!.read(), 2e-6);
    }
    expect(device.memory.used).toBe(before);
  },
  120_000,
);

test("the products behind a cut are those of the kept rows", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _scope = device.scope();
  const { output, seed } = network(device);
  const multiplications = (count: number) => {
    const run = vi.spyOn(device as WasmDevice, "run");
    const cut = rows(ops.tensors, designs.priority, { count });
    backward(output, seed, {
      space: ops.tensors,
      random: independent(key(1)),
      cut: (edge) => (edge.label === "add" ? cut : undefined),
    });
    const products = run.mock.calls.filter(([, name]) => name === "matmul");
    const total = products.reduce((sum, [, , , args]) => sum + args[3]! * args[4]! * args[5]!, 0);
    const rowsOf = run.mock.calls
      .filter(([, name]) => name === "geluBackward")
      .map(([, , count]) => count / 8);
    run.mockRestore();
    return { total, rowsOf };
  };
  const exact = multiplications(height);
  expect(exact).toEqual({ total: 4 * height * 3 * 8, rowsOf: [height] });
  expect(multiplications(2)).toEqual({ total: exact.total / 3, rowsOf: [2] });
});

test("a matrix of kept rows is an ordinary tensor to everything else", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const full = device.tensor(numbers(height * 2, 1), [height, 2]);
  const sparse = ops.tensors.takeRows(full, kept, factors) as ops.RowSparse;
  const second = sparse.share() as ops.RowSparse;
  expect(Array.from(ops.tensors.rowNorms(sparse), (norm) => norm > 0)).toEqual(
    Array.from({ length: height }, (_, i) => kept.includes(i)),
  );
  const wanted = Array.from(numbers(height * 2, 1), (x, i) => {
    const at = kept.indexOf(i >> 1);
    return at < 0 ? 0 : x * factors[at]!;
  });
  expect(sparse.kept).toBeDefined();
  expect([...(await sparse.read())]).toEqual(wanted);
  expect(sparse.kept).toBeUndefined();
  expect(second.kept).toBeDefined();
  sparse[Symbol.dispose]();
  expect(() => sparse.storage).toThrow("tensor of shape [6, 2] was used after it was disposed");
  expect([...(await second.read())]).toEqual(wanted);
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  full[Symbol.dispose]();
  expect(device.memory.used).toBe(0);
});

test("a scope owns it, and can let it go", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using full = device.tensor(numbers(height * 2, 1), [height, 2]);
  const before = device.memory.used;
  let outlives: Tensor;
  {
    using scope = device.scope();
    ops.tensors.takeRows(full, kept, factors);
    outlives = scope.keep(ops.tensors.takeRows(full, kept, factors));
  }
  expect((await outlives.read())[0]).toBe(0);
  outlives[Symbol.dispose]();
  expect(device.memory.used).toBe(before);
});

test("a row cut on kept rows chooses among them", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const full = device.tensor(numbers(height * 2, 1), [height, 2]);
  const once = ops.tensors.takeRows(full, kept, factors);
  const twice = ops.tensors.takeRows(once, Uint32Array.of(2, 5), Float64Array.of(3, 0.5));
  const row = (i: number) => numbers(height * 2, 1).slice(2 * i, 2 * i + 2);
  expect([...(await twice.read())]).toEqual([
    0,
    0,
    0,
    0,
    ...row(2).map((x) => 3 * x),
    0,
    0,
    0,
    0,
    ...row(5).map((x) => 2 * x),
  ]);
});

test("a pullback's cotangent of another shape names its edge", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const x = ops.leaf(device.zeros([2, 3]));
  const wrong = operation("wrong", device.zeros([2, 3]), [x], () => [device.zeros([3, 2])]);
  expect(() => backward(wrong, device.zeros([2, 3]), { space: ops.tensors })).toThrow(
    'backward: edge "wrong": expected a cotangent of the shape of parent 0',
  );
});
