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
import { sizeOf } from "../tensor.ts";
import { rotary } from "./index.ts";
import { rotaryReference } from "./reference.ts";

const shapes = [
  [1, 1, 1, 2],
  [2, 3, 2, 6],
  [1, 130, 3, 16],
  [3, 65, 1, 10],
  [1, 1000, 1, 4],
  [1, 700, 2, 16],
] as const;

onEveryDevice("rotary", (open) => {
  test.each(shapes)("agrees with the reference, [%i, %i, %i, %i]", async (...shape) => {
    using device = await open();
    const x = numbers(sizeOf(shape), 1);
    const before = device.memory.used;
    for (const options of [{}, { inverse: true }, { base: 500 }, { offset: 100_001 }]) {
      using xs = device.tensor(x, shape);
      using out = rotary(xs, options);
      expectAccurate(
        await out.read(),
        rotaryReference(x, shape, options, float32),
        rotaryReference(x, shape, options),
      );
    }
    expect(device.memory.used).toBe(before);
  });

  test("the inverse turns back", async () => {
    using device = await open();
    const x = numbers(2 * 70 * 3 * 8, 1);
    const turned = rotary(device.tensor(x, [2, 70, 3, 8]), { offset: 5 });
    expectClose(await rotary(turned, { offset: 5, inverse: true }).read(), x, 1e-6);
  });
});

test("products depend on the distance of the positions alone", () => {
  const [q, k] = [numbers(6, 1), numbers(6, 2)];
  const score = (i: number, j: number) =>
    dot(rotaryReference(q, [1, 1, 1, 6], { offset: i }), rotaryReference(k, [1, 1, 1, 6], { offset: j }));
  expect(score(1007, 1003)).toBeCloseTo(score(4, 0), 12);
  expect(score(1007, 1003)).not.toBeCloseTo(score(5, 0), 3);
});

test("the inverse is the pullback", () => {
  const shape = [1, 3, 2, 4] as const;
  const [x, dOut] = [numbers(24, 1), numbers(24, 2)];
  expectClose(
    rotaryReference(dOut, shape, { inverse: true }),
    numericGradient((at) => dot(rotaryReference(at, shape), dOut), x),
  );
});

test("gives the same bits on any number of threads", async () => {
  const x = numbers(2 * 700 * 2 * 16, 1);
  await expectSameBitsOnThreads((device) => [rotary(device.tensor(x, [2, 700, 2, 16]), { offset: 3 })]);
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  expect(() => rotary(device.zeros([2, 3]))).toThrow(
    "rotary: expected x of shape [batch, n, heads, d], got [2, 3]",
  );
  expect(() => rotary(device.zeros([1, 2, 1, 3]))).toThrow("with d even, got d = 3");
  expect(() => rotary(device.zeros([1, 2, 1, 4]), { base: 0 })).toThrow(
    "rotary: expected base to be a number above 0, got 0",
  );
});
