import { backward, designs, independent, key, rows } from "@sus/graph";
import { describe, expect, test } from "vitest";
import { hasWebGpu, openGpu } from "../test/gpu.ts";
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

/** A device, and how to fill its memory but for some blocks of the smallest size. */
interface Fixture {
  readonly open: () => Promise<Device>;
  readonly fill: (device: Device, blocks: number) => Tensor[];
}

/** Pages that nobody touches are not taken from the system, so all of 4 GiB is there to be filled, in one piece. */
const addressSpace = 2 ** 32;

function fillAddressSpace(device: Device, free: number): Tensor {
  const firstBlock = 64;
  return device.empty([(addressSpace - firstBlock - device.memory.used - free) / 4]);
}

const gpuBytes = 2 ** 15;
const gpuBlock = 256;

const fixtures: Readonly<Record<string, Fixture>> = {
  wasm: {
    open: () => openDevice("wasm", { threads: 1 }),
    fill: (device, blocks) => [fillAddressSpace(device, 64 * blocks)],
  },
  webgpu: {
    open: () => openGpu({ memoryBytes: gpuBytes }),
    fill: (device, blocks) =>
      Array.from({ length: (gpuBytes - device.memory.used) / gpuBlock - blocks }, () => device.empty([1])),
  },
};
const here = Object.entries(fixtures).filter(([name]) => name === "wasm" || hasWebGpu);

/** Runs `work` with room for no block, one, two … until it succeeds: a failure must leave the memory as it was. */
function expectCleanFailures({ fill }: Fixture, device: Device, work: () => readonly Tensor[]): number {
  for (let blocks = 0; ; blocks++) {
    const filling = fill(device, blocks);
    const before = device.memory.used;
    let done = false;
    try {
      for (const tensor of work()) tensor[Symbol.dispose]();
      done = true;
    } catch (error) {
      expect((error as Error).message).toContain("out of memory");
    }
    expect(device.memory.used).toBe(before);
    for (const tensor of filling) tensor[Symbol.dispose]();
    if (done) return blocks;
  }
}

test("says how much was needed, used and allowed", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _filling = fillAddressSpace(device, 2 ** 20);
  expect(() => device.empty([2 ** 20])).toThrow(DeviceError);
  expect(() => device.empty([2 ** 20])).toThrow(
    "wasm: out of memory, 4099.0 MB were needed in all, 4095.0 MB are in use and the limit is 4096.0 MB",
  );
  expect(device.empty([2 ** 17]).size).toBe(2 ** 17);
});

describe.each(here)("where memory runs out on %s", (_name, fixture) => {
  test.each(graphCases)("$label leaves nothing behind", async ({ label, shapes, node }) => {
    using device = await fixture.open();
    const leaves = shapes.map((shape) => ops.leaf(device.zeros(shape)));
    const forward = expectCleanFailures(fixture, device, () => {
      using scope = device.scope();
      return [scope.keep(node(leaves, device).value)];
    });
    const output = node(leaves, device);
    const seed = device.zeros(output.value.shape);
    const pullback = expectCleanFailures(fixture, device, () => [
      ...backward(output, seed, { space: ops.tensors }).values(),
    ]);
    expect(forward + pullback > 0).toBe(label !== "reshape");
  });

  test("nor do the operations on tensors", async () => {
    using device = await fixture.open();
    const [a, b, out] = [device.zeros([3, 3]), device.zeros([3, 3]), device.zeros([3, 3])];
    const long = device.zeros([3, 600]);
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
      "matmul, given out": () => [matmul(long, long, { transposeB: true, out }).share()],
    };
    for (const [name, work] of Object.entries(cases)) {
      expect(expectCleanFailures(fixture, device, work), name).toBeGreaterThan(0);
    }
  });
});

test("nor does a cut of rows leave anything behind, nor do the products behind it", async () => {
  using device = await fixtures["wasm"]!.open();
  const leaf = (...shape: number[]) => ops.leaf(device.tensor(new Float32Array(16).fill(1), shape));
  const output = ops.gelu(ops.addBias(ops.matmul(leaf(4, 4), leaf(4, 4)), ops.leaf(device.zeros([4]))));
  const seed = device.tensor(new Float32Array(16).fill(1), [4, 4]);
  const cut = rows(ops.tensors, designs.priority, { count: 2 });
  const blocks = expectCleanFailures(fixtures["wasm"]!, device, () => [
    ...backward(output, seed, { space: ops.tensors, random: independent(key(1)), cut: () => cut }).values(),
  ]);
  expect(blocks).toBeGreaterThan(5);
});

test("kernels reach memory above 2 GiB", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _low = device.empty([2 ** 29 + 2 ** 26]);
  const a = device.tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
  expect([...(await matmul(a, a).read())]).toEqual([7, 10, 15, 22]);
});
