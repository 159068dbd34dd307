import { backward, designs, independent, key, rows } from "@sus/graph";
import { describe, expect, test } from "vitest";
import { hasWebGpu, openGpu, openOwnGpu } from "../../test/gpu.ts";
import { numbers } from "../../test/support.ts";
import { add } from "../add/index.ts";
import { softmaxCrossEntropy } from "../cross-entropy/index.ts";
import { embedding, embeddingBackward } from "../embedding/index.ts";
import { DeviceError, ShapeError } from "../errors.ts";
import * as ops from "../graph/index.ts";
import { matmul } from "../matmul/index.ts";
import { gatherRows, scatterRows } from "../rows/index.ts";
import type { WebGpuDevice } from "./device.ts";

/** Enough work to be still under way when the next line runs. */
function startWork(device: WebGpuDevice) {
  const a = device.tensor(numbers(256 * 256, 1), [256, 256]);
  let product = matmul(a, a);
  for (let i = 0; i < 4; i++) product = matmul(product, a);
  return product;
}

describe.runIf(hasWebGpu)("a device that is lost", () => {
  test("ends the read that is under way, and says why; later calls throw", async () => {
    using device = await openOwnGpu();
    const product = startWork(device);
    const reading = product.read();
    expect(device.lost).toBe(false);
    device.device.destroy();
    await expect(reading).rejects.toThrow(DeviceError);
    await expect(reading).rejects.toThrow(/^webgpu: the device was lost \(it was destroyed\)/);
    expect(device.lost).toBe(true);
    for (const use of [
      () => add(product, product),
      () => device.zeros([1]),
      () => device.tensor(numbers(1, 1), [1]),
      () => device.flush(),
    ]) {
      expect(use).toThrow(/the device was lost/);
    }
    await expect(product.read()).rejects.toThrow(/the device was lost/);
    await expect(device.settle()).rejects.toThrow(/the device was lost/);
    product[Symbol.dispose]();
  });

  test("before anything is read ends the first read", async () => {
    using device = await openOwnGpu();
    const product = startWork(device);
    device.device.destroy();
    await expect(product.read()).rejects.toThrow(/the device was lost/);
  });

  test("is not the end: another one opens", async () => {
    using first = await openOwnGpu();
    first.device.destroy();
    await first.device.lost;
    using second = await openOwnGpu();
    const one = second.tensor(Float32Array.of(1), [1]);
    expect([...(await add(one, one).read())]).toEqual([2]);
  });
});

describe.runIf(hasWebGpu)("a device that was disposed of", () => {
  test.each([
    ["its own", openOwnGpu],
    ["the caller's", openGpu],
  ])("ends the reads under way: %s", async (_whose, open) => {
    const device = await open();
    const product = startWork(device);
    const reading = product.read();
    device[Symbol.dispose]();
    device[Symbol.dispose]();
    await expect(reading).rejects.toThrow("webgpu: the device was disposed");
    expect(device.lost).toBe(true);
    expect(() => add(product, product)).toThrow("webgpu: the device was disposed");
    await expect(product.read()).rejects.toThrow("webgpu: the device was disposed");
    product[Symbol.dispose]();
  });
});

describe.runIf(hasWebGpu)("memory that is not there", () => {
  test("is named: what was allocated, how large, and the limit", async () => {
    using device = await openGpu();
    expect(() => device.empty([2 ** 13, 2 ** 13 + 1])).toThrow(
      "webgpu: out of memory, a tensor of shape [8192, 8193] takes 256.0 MB and a buffer may have 256.0 MB (maxBufferSize)",
    );
    using small = await openGpu({ memoryBytes: 2 ** 20 });
    const held = small.empty([2 ** 17]);
    expect(() => small.empty([2 ** 16, 3])).toThrow(
      "webgpu: out of memory, a tensor of shape [65536, 3] takes 0.7500 MB, 0.5000 MB are in use and the limit is " +
        "1.0 MB (memoryBytes)",
    );
    expect(() => small.empty([2 ** 16, 3])).toThrow(DeviceError);
    held[Symbol.dispose]();
    expect(small.empty([2 ** 16, 3]).size).toBe(3 * 2 ** 16);
    expect(small.memory.reserved).toBeLessThanOrEqual(2 ** 20);
  });
});

describe.runIf(hasWebGpu)("indices that are out of range", () => {
  test("are errors of the next read, once", async () => {
    using device = await openGpu();
    const tokens = device.tensor(Uint32Array.of(0, 4, 5, 2 ** 32 - 1), [4]);
    const [table, dOut] = [device.zeros([5, 2]), device.zeros([4, 2])];
    const x = device.zeros([4, 3]);
    const indices = (...rows: number[]) => device.tensor(Uint32Array.from(rows), [rows.length]);
    const cases = [
      [() => embedding(table, tokens), "embedding: expected tokens below 5, got 5 at position 2"],
      [
        () => embeddingBackward(tokens, dOut, 3),
        "embeddingBackward: expected tokens below 3, got 4 at position 1",
      ],
      [
        () => softmaxCrossEntropy(device.zeros([4, 5]), tokens).loss,
        "softmaxCrossEntropy: expected targets below 5, got 5 at position 2",
      ],
      [() => gatherRows(x, indices(1, 4)), "gatherRows: expected indices below 4, got 4 at position 1"],
      [
        () => scatterRows(device.zeros([2, 3]), indices(2, 2), [4, 3]),
        "scatterRows: expected indices that ascend, got 2 after 2",
      ],
    ] as const;
    for (const [work, message] of cases) {
      const result = work();
      const failed = result.read();
      await expect(failed).rejects.toThrow(message);
      await expect(failed).rejects.toThrow(ShapeError);
      expect((await result.read()).length).toBe(result.size);
    }
  });

  test("are checked by any number of calls", async () => {
    using device = await openGpu();
    const [table, tokens] = [device.zeros([5, 1]), device.tensor(Uint32Array.of(9), [1])];
    for (let call = 0; call < 200; call++) {
      using _out = embedding(table, device.zeros([1], "u32"));
    }
    await device.settle();
    embedding(table, tokens);
    await expect(device.settle()).rejects.toThrow("expected tokens below 5, got 9 at position 0");
  });

  test("the first of them is told, however long they are", async () => {
    using device = await openGpu({ bindingBytes: 2048 });
    const tokens = new Uint32Array(3000).fill(1);
    for (const at of [1700, 2900, 1100]) tokens[at] = 7 + at;
    embedding(device.zeros([5, 1]), device.tensor(tokens, [3000]));
    await expect(device.settle()).rejects.toThrow("expected tokens below 5, got 1107 at position 1100");
    await device.settle();
  });
});

test.runIf(hasWebGpu)("a cut of rows, which the host chooses, is refused at once and by name", async () => {
  using device = await openGpu();
  const product = ops.matmul(ops.leaf(device.zeros([4, 3])), ops.leaf(device.zeros([3, 2])));
  const cut = rows(ops.tensors, designs.priority, { count: 2 });
  const seed = device.zeros([4, 2]);
  const run = () =>
    backward(product, seed, { space: ops.tensors, random: independent(key(1)), cut: () => cut });
  expect(run).toThrow(
    /^backward: edge "matmul": a cut of rows chooses by numbers on the host, which can't be read at once from webgpu/,
  );
  expect(run).toThrow(expect.objectContaining({ cause: expect.any(DeviceError) }));
  await device.settle();
});
