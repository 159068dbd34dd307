import { backward, designs, independent, key, rows } from "@sus/graph";
import { expect, test } from "vitest";
import { graphCases } from "../test/graph-cases.ts";
import { clipByGlobalNorm } from "./clip/index.ts";
import { softmaxCrossEntropy } from "./cross-entropy/index.ts";
import type { Device } from "./device/device.ts";
import { openDevice } from "./device/open.ts";
import { DeviceError } from "./errors.ts";
import * as ops from "./graph/index.ts";
import { layerNorm } from "./layer-norm/index.ts";
import { matmul } from "./matmul/index.ts";
import { randomUniform } from "./random/index.ts";
import { rmsNorm } from "./rms-norm/index.ts";
import { rotary } from "./rotary/index.ts";
import type { Tensor } from "./tensor.ts";

const block = 64;
/** Pages that nobody touches are not taken from the system, so all of 4 GiB is there to be filled. */
const addressSpace = 2 ** 32;

/** Fills the memory but for `free` bytes, in one piece at the end. */
function fill(device: Device, free: number): Tensor {
  const firstBlock = block;
  const bytes = addressSpace - firstBlock - device.memory.used - free;
  return device.empty([bytes / 4]);
}

/** Runs `work` with room for no block, one, two … until it succeeds: a failure must leave the memory as it was. */
function expectCleanFailures(device: Device, work: () => readonly Tensor[]): number {
  for (let blocks = 0; ; blocks++) {
    using _filling = fill(device, blocks * block);
    const before = device.memory.used;
    try {
      for (const tensor of work()) tensor[Symbol.dispose]();
      expect(device.memory.used).toBe(before);
      return blocks;
    } catch (error) {
      expect((error as Error).message).toContain("out of memory");
      expect(device.memory.used).toBe(before);
    }
  }
}

test("says how much was needed, used and allowed", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _filling = fill(device, 2 ** 20);
  expect(() => device.empty([2 ** 20])).toThrow(DeviceError);
  expect(() => device.empty([2 ** 20])).toThrow(
    "wasm: out of memory, 4099.0 MB were needed in all, 4095.0 MB are in use and the limit is 4096.0 MB",
  );
  expect(device.empty([2 ** 17]).size).toBe(2 ** 17);
});

test.each(graphCases)(
  "$label leaves nothing behind when memory runs out",
  async ({ label, shapes, node }) => {
    using device = await openDevice("wasm", { threads: 1 });
    const leaves = shapes.map((shape) => ops.leaf(device.zeros(shape)));
    const forward = expectCleanFailures(device, () => {
      using scope = device.scope();
      return [scope.keep(node(leaves, device).value)];
    });
    const output = node(leaves, device);
    const seed = device.zeros(output.value.shape);
    const pullback = expectCleanFailures(device, () => [
      ...backward(output, seed, { space: ops.tensors }).values(),
    ]);
    expect(forward + pullback > 0).toBe(label !== "reshape");
  },
);

test("nor does a cut of rows, nor do the products behind it", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const leaf = (...shape: number[]) => ops.leaf(device.tensor(new Float32Array(16).fill(1), shape));
  const output = ops.gelu(ops.addBias(ops.matmul(leaf(4, 4), leaf(4, 4)), ops.leaf(device.zeros([4]))));
  const seed = device.tensor(new Float32Array(16).fill(1), [4, 4]);
  const cut = rows(ops.tensors, designs.priority, { count: 2 });
  const blocks = expectCleanFailures(device, () => [
    ...backward(output, seed, { space: ops.tensors, random: independent(key(1)), cut: () => cut }).values(),
  ]);
  expect(blocks).toBeGreaterThan(5);
});

test("nor do the operations on tensors", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const [a, b, out] = [device.zeros([3, 3]), device.zeros([3, 3]), device.zeros([3, 3])];
  const [gain, targets] = [device.zeros([3]), device.zeros([3], "u32")];
  const pairs = device.zeros([1, 1, 1, 4]);
  const cases: Record<string, () => readonly Tensor[]> = {
    layerNorm: () => Object.values(layerNorm(a, gain, gain)),
    rmsNorm: () => Object.values(rmsNorm(a, gain)),
    rotary: () => [rotary(pairs)],
    softmaxCrossEntropy: () => Object.values(softmaxCrossEntropy(a, targets)),
    overwriting: () => Object.values(softmaxCrossEntropy(a, targets, { overwrite: true })),
    clipByGlobalNorm: () => [clipByGlobalNorm([a, b], 1)],
    randomUniform: () => [randomUniform(device, [3], key(1))],
    matmul: () => [matmul(a, b)],
    "matmul, given out": () => [matmul(a, b, { out }).share()],
  };
  for (const [name, work] of Object.entries(cases)) {
    expect(expectCleanFailures(device, work), name).toBeGreaterThan(0);
  }
});

test("kernels reach memory above 2 GiB", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _low = device.empty([2 ** 29 + 2 ** 26]);
  const a = device.tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
  expect([...(await matmul(a, a).read())]).toEqual([7, 10, 15, 22]);
});
