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
import { swiglu, swigluBackward } from "./index.ts";
import { swigluBackwardReference, swigluReference } from "./reference.ts";

onEveryDevice("swiglu", (open) => {
  test.each([1, 3, 17, 64, 1000, 20_000])("agrees with the reference, length %i", async (length) => {
    using device = await open();
    for (const scale of [0.01, 1, 20]) {
      const [gate, up, dOut] = [numbers(length, 1, scale), numbers(length, 2), numbers(length, 3)];
      const [gates, ups] = [device.tensor(gate, [length]), device.tensor(up, [length])];
      expectAccurate(
        await swiglu(gates, ups).read(),
        swigluReference(gate, up, float32),
        swigluReference(gate, up),
      );
      const gradients = swigluBackward(gates, ups, device.tensor(dOut, [length]));
      const plain = swigluBackwardReference(gate, up, dOut, float32);
      const exact = swigluBackwardReference(gate, up, dOut);
      for (const name of ["dGate", "dUp"] as const) {
        expectAccurate(await gradients[name].read(), plain[name], exact[name]);
      }
    }
  });
});

test("the reference pullback is the derivative", () => {
  const [gate, up, dOut] = [numbers(20, 1, 4), numbers(20, 2), numbers(20, 3)];
  const { dGate, dUp } = swigluBackwardReference(gate, up, dOut);
  expectClose(
    dGate,
    numericGradient((at) => dot(swigluReference(at, up), dOut), gate),
  );
  expectClose(
    dUp,
    numericGradient((at) => dot(swigluReference(gate, at), dOut), up),
  );
});

test("gives the same bits on any number of threads", async () => {
  const [gate, up, dOut] = [numbers(50_001, 1), numbers(50_001, 2), numbers(50_001, 3)];
  await expectSameBitsOnThreads((device) => {
    const [gates, ups] = [device.tensor(gate, [50_001]), device.tensor(up, [50_001])];
    const { dGate, dUp } = swigluBackward(gates, ups, device.tensor(dOut, [50_001]));
    return [swiglu(gates, ups), dGate, dUp];
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const [two, three] = [device.zeros([2]), device.zeros([3])];
  expect(() => swiglu(two, three)).toThrow("swiglu: expected up of shape [2], got [3]");
  expect(() => swigluBackward(two, two, three)).toThrow(
    "swigluBackward: expected dOut of shape [2], got [3]",
  );
});
