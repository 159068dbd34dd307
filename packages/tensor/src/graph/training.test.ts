import { backward, type Node } from "@sus/graph";
import { expect, test, vi } from "vitest";
import { hasWebGpu, openGpu } from "../../test/gpu.ts";
import { numbers, onEveryDevice } from "../../test/support.ts";
import { adamw } from "../adamw/index.ts";
import { clipByGlobalNorm } from "../clip/index.ts";
import type { Device } from "../device/device.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import * as ops from "./index.ts";

const tokens = Uint32Array.of(1, 0, 3, 2, 4, 1, 3, 0);
const targets = Uint32Array.of(0, 3, 2, 4, 1, 3, 0, 1);
const shapes = [[5, 6], [6], [6, 12], [12], [12, 5]] as const;

/** A small model of every kind of layer, its parameters and what the optimiser keeps for them. */
function model(device: Device) {
  const parameters = shapes.map((shape, i) => device.tensor(numbers(sizeOf(shape), i + 1), shape));
  const averages = () => shapes.map((shape) => device.zeros(shape));
  return {
    parameters,
    m: averages(),
    v: averages(),
    tokens: device.tensor(tokens, [8]),
    targets: device.tensor(targets, [8]),
  };
}

/** One step of training; returns the loss, which nobody has read. */
function step(device: Device, state: ReturnType<typeof model>, number: number): Tensor {
  using scope = device.scope();
  const leaves = state.parameters.map((parameter) => ops.leaf(parameter));
  const [table, gain, up, bias, down] = leaves as [
    Node<Tensor>,
    Node<Tensor>,
    Node<Tensor>,
    Node<Tensor>,
    Node<Tensor>,
  ];
  const x = ops.rmsNorm(ops.embedding(table, state.tokens), gain);
  const hidden = ops.gelu(ops.addBias(ops.matmul(x, up), bias));
  const loss = ops.softmaxCrossEntropy(ops.matmul(hidden, down), state.targets);
  const seed = device.tensor(Float32Array.of(1), [1]);
  const gradients = backward(loss, seed, { space: ops.tensors });
  clipByGlobalNorm([...gradients.values()], 1);
  for (const [i, leaf] of leaves.entries()) {
    const [parameter, m, v] = [state.parameters[i]!, state.m[i]!, state.v[i]!];
    adamw({ parameter, gradient: gradients.get(leaf)!, m, v }, { step: number, learningRate: 0.05 });
  }
  return scope.keep(loss.value);
}

onEveryDevice("training", (open) => {
  test("lowers the loss, by the same numbers everywhere", async () => {
    using device = await open();
    const state = model(device);
    const losses: number[] = [];
    for (let number = 1; number <= 8; number++) {
      using loss = step(device, state, number);
      losses.push((await loss.read())[0]!);
    }
    const expected = [2.23844, 1.67442, 1.40377, 1.28118, 1.20718, 1.14563, 1.08689, 1.0314];
    for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[i]!, 4);
  });
});

test.runIf(hasWebGpu)("a step on a GPU reads nothing back", async () => {
  using device: WebGpuDevice = await openGpu();
  const state = model(device);
  const map = vi.spyOn(Object.getPrototypeOf(device.buffer(state.tokens)), "mapAsync");
  using loss = step(device, state, 1);
  expect(map).not.toHaveBeenCalled();
  expect((await loss.read())[0]).toBeGreaterThan(0);
  expect(map).toHaveBeenCalled();
});
