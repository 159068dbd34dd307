import { expect, test } from "vitest";
import { expectAccurate, expectSameBitsOnThreads, numbers, onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { float32, type Round } from "../precision.ts";
import { adamw } from "./index.ts";
import { adamwReference } from "./reference.ts";

const options = { learningRate: 3e-3, beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1 };

/** Five steps from zero averages, with another gradient each. */
function referenceSteps(length: number, round?: Round) {
  const arrays = {
    parameter: Float64Array.from(numbers(length, 1)),
    m: new Float64Array(length),
    v: new Float64Array(length),
  };
  for (let step = 1; step <= 5; step++) {
    adamwReference({ ...arrays, gradient: numbers(length, 10 + step) }, { ...options, step }, round);
  }
  return arrays;
}

onEveryDevice("adamw", (open) => {
  test.each([1, 3, 17, 64, 1000, 20_000])("agrees with the reference, length %i", async (length) => {
    using device = await open();
    const state = {
      parameter: device.tensor(numbers(length, 1), [length]),
      m: device.zeros([length]),
      v: device.zeros([length]),
    };
    for (let step = 1; step <= 5; step++) {
      using gradient = device.tensor(numbers(length, 10 + step), [length]);
      adamw({ ...state, gradient }, { ...options, step });
    }
    const [plain, exact] = [referenceSteps(length, float32), referenceSteps(length)];
    for (const name of ["parameter", "m", "v"] as const) {
      expectAccurate(await state[name].read(), plain[name], exact[name]);
    }
  });
});

test("the first step moves by the learning rate against the gradient's sign", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const parameter = device.tensor(Float32Array.of(1, 1, 1), [3]);
  const gradient = device.tensor(Float32Array.of(1e-3, -7, 0), [3]);
  const [m, v] = [device.zeros([3]), device.zeros([3])];
  adamw({ parameter, gradient, m, v }, { step: 1, learningRate: 0.1, weightDecay: 0 });
  const moved = await parameter.read();
  for (const [i, expected] of [0.9, 1.1, 1].entries()) expect(moved[i]).toBeCloseTo(expected, 5);
});

test("gives the same bits on any number of threads", async () => {
  await expectSameBitsOnThreads((device) => {
    const parameter = device.tensor(numbers(50_001, 1), [50_001]);
    const gradient = device.tensor(numbers(50_001, 2), [50_001]);
    const [m, v] = [device.zeros([50_001]), device.zeros([50_001])];
    adamw({ parameter, gradient, m, v }, { ...options, step: 1 });
    return [parameter, m, v];
  });
});

test("names what it expected and what came, and changes nothing", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const parameter = device.tensor(numbers(3, 1), [3]);
  const [gradient, m, v] = [device.tensor(numbers(3, 2), [3]), device.zeros([3]), device.zeros([3])];
  const state = { parameter, gradient, m, v };
  expect(() => adamw({ ...state, v: device.zeros([2]) }, { ...options, step: 1 })).toThrow(
    "adamw: expected v of shape [3], got [2]",
  );
  expect(() => adamw(state, { ...options, step: 0 })).toThrow(
    "adamw: expected step to be a whole number of at least 1, got 0",
  );
  expect(() => adamw(state, { ...options, step: 1, beta2: 1 })).toThrow(
    "adamw: expected beta2 to be a number of at least 0 and below 1, got 1",
  );
  expect(() => adamw(state, { ...options, step: 1, learningRate: Number.NaN })).toThrow(
    "adamw: expected learningRate to be a number of at least 0, got NaN",
  );
  expect(await parameter.read()).toEqual(numbers(3, 1));
});
