import { backward, type Node } from "@sus/graph";
import { expect, test } from "vitest";
import { numbers } from "../../test/support.ts";
import type { Device } from "../device/device.ts";
import { openDevice } from "../device/open.ts";
import type { Tensor } from "../tensor.ts";
import { type Build, gelu, leaf, matmul, recompute, tensors } from "./index.ts";

const [rows, width, hidden] = [64, 16, 64];

const mlp: Build = ([x, up, down]) => matmul(gelu(matmul(x!, up!)), down!);

function inputs(device: Device): Node<Tensor>[] {
  const shapes = [
    [rows, width],
    [width, hidden],
    [hidden, width],
  ];
  return shapes.map((shape, i) => leaf(device.tensor(numbers(shape[0]! * shape[1]!, i + 1), shape)));
}

test("the value and the gradients are those of the part, bit for bit", async () => {
  using device = await openDevice("wasm");
  using _scope = device.scope();
  const leaves = inputs(device);
  const seed = device.tensor(numbers(rows * width, 9), [rows, width]);
  const read = async (output: Node<Tensor>) => {
    const gradients = backward(output, seed, { space: tensors });
    return Promise.all([output.value.read(), ...leaves.map((node) => gradients.get(node)!.read())]);
  };
  expect(await read(recompute("mlp", leaves, mlp))).toEqual(await read(mlp(leaves)));
});

test("between the passes only the value is held, and in the end nothing", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using outer = device.scope();
  const leaves = inputs(device);
  const seed = device.tensor(numbers(rows * width, 9), [rows, width]);
  const start = device.memory.used;
  {
    using _step = device.scope();
    const output = recompute("mlp", leaves, mlp);
    expect(device.memory.used - start).toBe(rows * width * 4);
    backward(output, seed, { space: tensors });
    expect(device.memory.used - start).toBe((2 * rows * width + 2 * width * hidden) * 4);
  }
  expect(device.memory.used).toBe(start);
  void outer;
});

test("a parent that the part does not use gets no gradient", async () => {
  using device = await openDevice("wasm");
  using _scope = device.scope();
  const [x, up, down] = inputs(device);
  const output = recompute("up", [x!, up!, down!], ([a, b]) => matmul(a!, b!));
  const gradients = backward(output, device.zeros([rows, hidden]), { space: tensors });
  expect([x, up, down].map((node) => gradients.has(node!))).toEqual([true, true, false]);
});

test("without a parent there is no device", () => {
  expect(() => recompute("constant", [], mlp)).toThrow(
    'recompute: expected at least one parent of "constant", got none',
  );
});
