import { expect, test } from "vitest";
import { openDevice } from "../device/open.ts";
import { add } from "./index.ts";
import { addReference } from "./reference.ts";

test.each([true, false])("adds element by element, relaxed SIMD: %s", async (relaxed) => {
  using device = await openDevice("wasm", { relaxed });
  for (const length of [1, 3, 17, 1000]) {
    const a = Float32Array.from({ length }, (_, i) => i * 0.5);
    const b = Float32Array.from({ length }, (_, i) => 3 - i);
    using sum = add(device.tensor(a, [length]), device.tensor(b, [length]));
    expect([...(await sum.read())]).toEqual([...addReference(a, b)]);
  }
});

test("adds in place", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const a = device.tensor(Float32Array.of(1, 2, 3), [3]);
  expect(add(a, a, { out: a })).toBe(a);
  expect([...(await a.read())]).toEqual([2, 4, 6]);
  expect(() => add(a, a, { out: device.zeros([2]) })).toThrow("add: expected out of shape [3], got [2]");
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm");
  expect(() => add(device.zeros([2, 3]), device.zeros([3, 2]))).toThrow(
    "add: expected b of shape [2, 3], got [3, 2]",
  );
});
