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
import { gelu, geluBackward } from "./index.ts";
import { geluBackwardReference, geluReference } from "./reference.ts";

onEveryDevice("gelu", (open) => {
  test.each([1, 3, 17, 64, 1000, 20_000])("agrees with the reference, length %i", async (length) => {
    using device = await open();
    for (const scale of [0.01, 1, 5]) {
      const [x, dOut] = [numbers(length, 1, scale), numbers(length, 2)];
      const xs = device.tensor(x, [length]);
      expectAccurate(await gelu(xs).read(), geluReference(x, float32), geluReference(x));
      expectAccurate(
        await geluBackward(xs, device.tensor(dOut, [length])).read(),
        geluBackwardReference(x, dOut, float32),
        geluBackwardReference(x, dOut),
      );
    }
  });

  test("goes to 0 and to x far out, with derivatives 0 and 1", async () => {
    using device = await open();
    const x = device.tensor(Float32Array.of(-1e4, -30, 0, 30, 1e4), [5]);
    const ones = device.tensor(new Float32Array(5).fill(1), [5]);
    const out = [...(await gelu(x).read())];
    const slope = [...(await geluBackward(x, ones).read())];
    for (const [i, limit] of [0, 0, 0, 30, 1e4].entries()) expect(out[i]).toBeCloseTo(limit, 12);
    for (const [i, limit] of [0, 0, 0.5, 1, 1].entries()) expect(slope[i]).toBeCloseTo(limit, 12);
  });
});

test("the reference is the tanh form, and its pullback the derivative", () => {
  const [x, dOut] = [numbers(50, 1, 5), numbers(50, 2)];
  const tanh = Float64Array.from(
    x,
    (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
  );
  expectClose(geluReference(x), tanh, 1e-14);
  expectClose(
    geluBackwardReference(x, dOut),
    numericGradient((at) => dot(geluReference(at), dOut), x),
  );
});

test("gives the same bits on any number of threads", async () => {
  const [x, dOut] = [numbers(50_001, 1), numbers(50_001, 2)];
  await expectSameBitsOnThreads((device) => {
    const xs = device.tensor(x, [50_001]);
    return [gelu(xs), geluBackward(xs, device.tensor(dOut, [50_001]))];
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  expect(() => geluBackward(device.zeros([2]), device.zeros([3]))).toThrow(
    "geluBackward: expected dOut of shape [2], got [3]",
  );
  expect(() => gelu(device.zeros([2], "u32"))).toThrow("gelu: expected x of type f32, got u32");
});
