import { expect, test } from "vitest";
import { onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { add } from "./index.ts";
import { addReference } from "./reference.ts";

onEveryDevice("add", (open) => {
  test("adds element by element", async () => {
    using device = await open();
    for (const length of [1, 3, 17, 1000, 20_000]) {
      const a = Float32Array.from({ length }, (_, i) => i * 0.5);
      const b = Float32Array.from({ length }, (_, i) => 3 - i);
      using sum = add(device.tensor(a, [length]), device.tensor(b, [length]));
      expect([...(await sum.read())]).toEqual([...addReference(a, b)]);
    }
  });

  test("adds in place, to either or both", async () => {
    using device = await open();
    const three = (...values: number[]) => device.tensor(Float32Array.from(values), [3]);
    const [a, b, c] = [three(1, 2, 3), three(10, 20, 30), three(100, 200, 300)];
    expect(add(a, a, { out: a })).toBe(a);
    expect([...(await a.read())]).toEqual([2, 4, 6]);
    add(a, b, { out: a });
    expect([...(await a.read())]).toEqual([12, 24, 36]);
    add(c, b, { out: b });
    expect([...(await b.read())]).toEqual([110, 220, 330]);
    expect(() => add(a, a, { out: device.zeros([2]) })).toThrow("add: expected out of shape [3], got [2]");
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm");
  expect(() => add(device.zeros([2, 3]), device.zeros([3, 2]))).toThrow(
    "add: expected b of shape [2, 3], got [3, 2]",
  );
});
