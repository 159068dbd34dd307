import { expect, test } from "vitest";
import { numbers, onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { float32 } from "../precision.ts";
import { scale } from "./index.ts";
import { scaleReference } from "./reference.ts";

onEveryDevice("scale", (open) => {
  test("multiplies by a number and by a tensor, also in place", async () => {
    using device = await open();
    for (const length of [1, 3, 17, 1000, 20_000]) {
      const values = numbers(length, 1);
      const expected = [...scaleReference(values, 0.3, float32)];
      const x = device.tensor(values, [length]);
      const factor = device.tensor(Float32Array.of(0.3), [1]);
      expect([...(await scale(x, 0.3).read())]).toEqual(expected);
      expect([...(await scale(x, factor).read())]).toEqual(expected);
      expect(scale(x, factor, { out: x })).toBe(x);
      expect([...(await x.read())]).toEqual(expected);
    }
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const x = device.zeros([2, 3]);
  expect(() => scale(x, device.zeros([2]))).toThrow("scale: expected factor of shape [1], got [2]");
  expect(() => scale(x, 2, { out: device.zeros([3, 2]) })).toThrow(
    "scale: expected out of shape [2, 3], got [3, 2]",
  );
});
