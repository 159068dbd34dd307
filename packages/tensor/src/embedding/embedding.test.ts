import { expect, test } from "vitest";
import {
  dot,
  expectAccurate,
  expectClose,
  expectSameBitsOnThreads,
  numbers,
  numericGradient,
  onEveryDevice,
} from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { float32 } from "../precision.ts";
import { embedding, embeddingBackward } from "./index.ts";
import { embeddingBackwardReference, embeddingReference } from "./reference.ts";

/** Tokens with many repeats and some that never occur. */
function tokensOf(length: number, vocabulary: number): Uint32Array {
  return Uint32Array.from({ length }, (_, t) => Math.floor((t * t) / 3) % Math.ceil(vocabulary / 2));
}

onEveryDevice("embedding", (open) => {
  test.each([
    [1, 1, 1],
    [17, 3, 5],
    [64, 10, 17],
    [1000, 7, 33],
    [6, 1000, 64],
  ] as const)("agrees with the reference, %i tokens of %i, width %i", async (length, vocabulary, width) => {
    using device = await open();
    const tokens = tokensOf(length, vocabulary);
    const [table, dOut] = [numbers(vocabulary * width, 1), numbers(length * width, 2)];
    const indices = device.tensor(tokens, [1, length]);
    const out = embedding(device.tensor(table, [vocabulary, width]), indices);
    expect(out.shape).toEqual([1, length, width]);
    expect([...(await out.read())]).toEqual([...embeddingReference(table, tokens, width)]);
    expectAccurate(
      await embeddingBackward(indices, device.tensor(dOut, [1, length, width]), vocabulary).read(),
      embeddingBackwardReference(tokens, dOut, vocabulary, width, float32),
      embeddingBackwardReference(tokens, dOut, vocabulary, width),
    );
  });
});

test("the reference pullback is the derivative", () => {
  const tokens = Uint32Array.of(1, 0, 1, 3);
  const [table, dOut] = [numbers(10, 1), numbers(8, 2)];
  expectClose(
    embeddingBackwardReference(tokens, dOut, 5, 2),
    numericGradient((at) => dot(embeddingReference(at, tokens, 2), dOut), table),
  );
});

test("gives the same bits on any number of threads", async () => {
  const [table, dOut] = [numbers(50 * 130, 1), numbers(500 * 130, 2)];
  await expectSameBitsOnThreads((device) => {
    const tokens = device.tensor(tokensOf(500, 50), [500]);
    return [
      embedding(device.tensor(table, [50, 130]), tokens),
      embeddingBackward(tokens, device.tensor(dOut, [500, 130]), 50),
    ];
  });
});

test("refuses tokens that are not in the table and changes nothing", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const tokens = device.tensor(Uint32Array.of(0, 4, 5, 2 ** 32 - 1), [4]);
  const [table, dOut] = [device.zeros([5, 2]), device.zeros([4, 2])];
  const before = device.memory.used;
  expect(() => embedding(table, tokens)).toThrow("embedding: expected tokens below 5, got 5 at position 2");
  expect(() => embeddingBackward(tokens, dOut, 3)).toThrow(
    "embeddingBackward: expected tokens below 3, got 4 at position 1",
  );
  expect(device.memory.used).toBe(before);
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const tokens = device.zeros([4], "u32");
  expect(() => embedding(device.zeros([5]), tokens)).toThrow(
    "embedding: expected table of shape [vocabulary, width], got [5]",
  );
  expect(() => embedding(device.zeros([5, 2]), device.zeros([4]))).toThrow(
    "embedding: expected tokens of type u32, got f32",
  );
  expect(() => embeddingBackward(tokens, device.zeros([3, 2]), 5)).toThrow(
    "embeddingBackward: expected dOut of shape [4, width], got [3, 2]",
  );
});
