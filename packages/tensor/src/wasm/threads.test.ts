import { expect, test } from "vitest";
import { add } from "../add/index.ts";
import { openDevice } from "../device/open.ts";

test.each([1, 2, 3])("%i threads give the same sum", async (threads) => {
  using device = await openDevice("wasm", { threads });
  const length = 100_003;
  const a = Float32Array.from({ length }, (_, i) => i * 0.5);
  const b = Float32Array.from({ length }, (_, i) => 3 - i);
  for (let repetition = 0; repetition < 300; repetition++) {
    using scope = device.scope();
    const sum = add(device.tensor(a, [length]), device.tensor(b, [length]));
    const read = await sum.read();
    for (let i = 0; i < length; i += 997) expect(read[i]).toBe(Math.fround(a[i]! + b[i]!));
    void scope;
  }
});
