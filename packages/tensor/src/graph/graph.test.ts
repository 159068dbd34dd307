import { backward, GraphError } from "@sus/graph";
import { expect, test } from "vitest";
import { graphCases } from "../../test/graph-cases.ts";
import { dot, expectClose, numbers, numericGradient, onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { sizeOf } from "../tensor.ts";
import * as ops from "./index.ts";

onEveryDevice("on nodes", (open) => {
  test.each(graphCases)("$label: the value and the gradients agree with float64", async (operation) => {
    using device = await open();
    using _scope = device.scope();
    const inputs = operation.shapes.map((shape, i) => numbers(sizeOf(shape), i + 1));
    const leaves = inputs.map((input, i) => ops.leaf(device.tensor(input, operation.shapes[i]!)));
    const output = operation.node(leaves, device);
    expect(output.edges.map(({ label }) => label)).toEqual([operation.label]);
    expectClose(await output.value.read(), operation.reference(inputs), 1e-6);

    const weights = numbers(output.value.size, 9);
    const seed = device.tensor(weights, output.value.shape);
    const gradients = backward(output, seed, { space: ops.tensors });
    for (const [i, leaf] of leaves.entries()) {
      const loss = (at: Float64Array) => dot(operation.reference(inputs.with(i, at as never)), weights);
      expectClose(await gradients.get(leaf)!.read(), numericGradient(loss, inputs[i]!), 2e-6);
    }
  });

  test.each(graphCases)(
    "$label: a pullback borrows, hands over, and can be called again",
    async (operation) => {
      using device = await open();
      using _scope = device.scope();
      const leaves = operation.shapes.map((shape, i) =>
        ops.leaf(device.tensor(numbers(sizeOf(shape), i + 1), shape)),
      );
      const output = operation.node(leaves, device);
      const seed = device.tensor(numbers(output.value.size, 9), output.value.shape);
      const before = device.memory.used;
      const results: unknown[] = [];
      for (let repetition = 0; repetition < 2; repetition++) {
        const gradients = [...backward(output, seed, { space: ops.tensors }).values()];
        results.push(await Promise.all(gradients.map((gradient) => gradient.read())));
        for (const gradient of gradients) gradient[Symbol.dispose]();
        expect(device.memory.used).toBe(before);
      }
      expect(results[1]).toEqual(results[0]);
      expect(seed.disposed).toBe(false);
    },
  );
});

test("a scope owns the values and what the pullbacks keep", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const before = device.memory.used;
  for (const { shapes, node } of graphCases) {
    using _scope = device.scope();
    node(
      shapes.map((shape) => ops.leaf(device.zeros(shape))),
      device,
    );
  }
  expect(device.memory.used).toBe(before);
});

test("a leaf that is used twice gets the sum", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const x = ops.leaf(device.tensor(Float32Array.of(3), [1, 1]));
  const cube = ops.matmul(ops.matmul(x, x), x);
  using seed = device.tensor(Float32Array.of(1), [1, 1]);
  const gradient = backward(cube, seed, { space: ops.tensors }).get(x)!;
  expect([...(await gradient.read())]).toEqual([27]);
});

test("a pullback that fails half way leaves nothing behind", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const [a, b] = [ops.leaf(device.zeros([2, 3])), ops.leaf(device.zeros([3, 4]))];
  const product = ops.matmul(a, b);
  using seed = device.zeros([2, 4]);
  a.value[Symbol.dispose]();
  const before = device.memory.used;
  expect(() => backward(product, seed, { space: ops.tensors })).toThrow(GraphError);
  expect(() => backward(product, seed, { space: ops.tensors })).toThrow(
    'edge "matmul": tensor of shape [2, 3] was used after it was disposed',
  );
  expect(device.memory.used).toBe(before);
});

test("a seed of another shape is refused", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const sum = ops.add(ops.leaf(device.zeros([2, 3])), ops.leaf(device.zeros([2, 3])));
  expect(() => backward(sum, device.zeros([3, 2]), { space: ops.tensors })).toThrow(
    "a seed of the output's shape",
  );
});
