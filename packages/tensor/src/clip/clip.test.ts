import { expect, test } from "vitest";
import { expectClose, expectSameBitsOnThreads, numbers, onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { clipByGlobalNorm } from "./index.ts";
import { clipByGlobalNormReference } from "./reference.ts";

const lengths = [1, 3, 17, 4096, 10_001, 0];
const gradients = lengths.map((length, i) => numbers(length, i));

onEveryDevice("clipByGlobalNorm", (open) => {
  test("scales what is too long, by one factor", async () => {
    using device = await open();
    const tensors = gradients.map((gradient, i) => device.tensor(gradient, [lengths[i]!]));
    const before = device.memory.used;
    const { norm, clipped } = clipByGlobalNormReference(gradients, 0.5);
    {
      using measured = clipByGlobalNorm(tensors, 0.5);
      expectClose(await measured.read(), [norm], 2 ** -22);
    }
    for (const [i, tensor] of tensors.entries()) expectClose(await tensor.read(), clipped[i]!, 2 ** -22);
    expect(device.memory.used).toBe(before);
  });

  test("leaves alone what is not", async () => {
    using device = await open();
    const tensors = gradients.map((gradient, i) => device.tensor(gradient, [lengths[i]!]));
    const { norm } = clipByGlobalNormReference(gradients, 0);
    expectClose(await clipByGlobalNorm(tensors, norm + 1).read(), [norm], 2 ** -22);
    for (const [i, tensor] of tensors.entries()) expect(await tensor.read()).toEqual(gradients[i]);
  });

  test("the norm neither overflows nor drowns in rounding", async () => {
    using device = await open();
    const huge = device.tensor(new Float32Array(4).fill(1e30), [4]);
    expectClose(await clipByGlobalNorm([huge], 1).read(), [2e30], 1e-7);
    expectClose(await huge.read(), [0.5, 0.5, 0.5, 0.5], 1e-7);
    const many = device.tensor(new Float32Array(1_000_000).fill(0.1), [1_000_000]);
    // A GPU has no float64: a tree of float32 sums loses some bits.
    const tolerance = device.kind === "webgpu" ? 2 ** -20 : 1e-7;
    expectClose(await clipByGlobalNorm([many], 1000).read(), [100], tolerance);
  });
});

test("gives the same bits on any number of threads", async () => {
  const long = numbers(100_003, 1);
  await expectSameBitsOnThreads((device) => {
    const gradient = device.tensor(long, [100_003]);
    return [clipByGlobalNorm([gradient], 1), gradient];
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  expect(() => clipByGlobalNorm([], 1)).toThrow("clipByGlobalNorm: expected at least one gradient, got none");
  expect(() => clipByGlobalNorm([device.zeros([2])], -1)).toThrow(
    "clipByGlobalNorm: expected maxNorm to be a number of at least 0, got -1",
  );
  expect(() => clipByGlobalNorm([device.zeros([2]), device.zeros([2], "i32")], 1)).toThrow(
    "clipByGlobalNorm: expected gradients[1] of type f32, got i32",
  );
});
