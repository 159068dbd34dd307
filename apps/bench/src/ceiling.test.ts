import { arithmeticCeiling, copyCeiling } from "@sus/bench-harness";
import { WasmDevice } from "@sus/tensor";
import { expect, test } from "vitest";

test.each([
  [1, true],
  [1, false],
  [2, true],
])(
  "ceilings on %s threads, relaxed SIMD: %s, count all the work and give their memory back",
  async (threads, relaxed) => {
    using device = await WasmDevice.open({ threads, relaxed });
    const measure = () => {
      using arithmetic = arithmeticCeiling(device);
      using copy = copyCeiling(device, 2 ** 20);
      arithmetic.run();
      copy.run();
      // 8 parts a thread of 200,000 rounds of 80 operations; every byte is read and written.
      expect(arithmetic.rate(1)).toBeCloseTo((threads * 8 * 2e5 * 80) / 1e6, 9);
      expect(copy.rate(1)).toBeCloseTo((2 * 2 ** 20) / 1e6, 9);
    };
    // The first time the kernels themselves take memory, for as long as the device lives.
    measure();
    const { used } = device.memory;
    measure();
    expect(device.memory.used).toBe(used);
  },
);
