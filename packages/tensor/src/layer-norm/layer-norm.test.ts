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
import { layerNorm, layerNormBackward } from "./index.ts";
import { layerNormBackwardReference, layerNormReference } from "./reference.ts";

const epsilon = 1e-5;
const shapes = [
  [1, 1],
  [1, 2],
  [3, 17],
  [17, 3],
  [70, 64],
  [5, 1000],
  [130, 33],
  [300, 64],
] as const;

function inputs(rows: number, width: number) {
  return {
    // Rows away from zero: a one-pass variance would lose its digits here.
    x: numbers(rows * width, 1).map((value) => value + 5),
    gain: numbers(width, 2).map((value) => value + 1),
    bias: numbers(width, 3),
    dOut: numbers(rows * width, 4),
  };
}

onEveryDevice("layerNorm", (open) => {
  test.each(shapes)("agrees with the reference, [%i, %i]", async (rows, width) => {
    using device = await open();
    const { x, gain, bias, dOut } = inputs(rows, width);
    const exact = layerNormReference(x, gain, bias, epsilon);
    const plain = layerNormReference(x, gain, bias, epsilon, float32);
    const before = device.memory.used;
    {
      using scope = device.scope();
      const [xs, gains] = [device.tensor(x, [rows, width]), device.tensor(gain, [width])];
      const { out, mean, rstd } = layerNorm(xs, gains, device.tensor(bias, [width]), epsilon);
      expectAccurate(await out.read(), plain.out, exact.out);
      expectAccurate(await mean.read(), plain.mean, exact.mean);
      expectAccurate(await rstd.read(), plain.rstd, exact.rstd);

      const statistics = {
        mean: (await mean.read()) as Float32Array,
        rstd: (await rstd.read()) as Float32Array,
      };
      const gradients = layerNormBackward(xs, gains, { mean, rstd }, device.tensor(dOut, [rows, width]));
      const exactGradients = layerNormBackwardReference(x, gain, statistics, dOut);
      const plainGradients = layerNormBackwardReference(x, gain, statistics, dOut, float32);
      for (const name of ["dx", "dGain", "dBias"] as const) {
        expectAccurate(await gradients[name].read(), plainGradients[name], exactGradients[name]);
      }
      scope[Symbol.dispose]();
    }
    expect(device.memory.used).toBe(before);
  });
});

test("the reference pullback is the derivative", () => {
  const { x, gain, bias, dOut } = inputs(3, 5);
  const loss = (x: ArrayLike<number>, gain: ArrayLike<number>, bias: ArrayLike<number>) =>
    dot(layerNormReference(x, gain, bias, epsilon).out, dOut);
  const statistics = layerNormReference(x, gain, bias, epsilon);
  const { dx, dGain, dBias } = layerNormBackwardReference(x, gain, statistics, dOut);
  expectClose(
    dx,
    numericGradient((at) => loss(at, gain, bias), x),
  );
  expectClose(
    dGain,
    numericGradient((at) => loss(x, at, bias), gain),
  );
  expectClose(
    dBias,
    numericGradient((at) => loss(x, gain, at), bias),
  );
});

test("gives the same bits on any number of threads", async () => {
  const { x, gain, bias, dOut } = inputs(500, 130);
  await expectSameBitsOnThreads((device) => {
    const [xs, gains] = [device.tensor(x, [500, 130]), device.tensor(gain, [130])];
    const { out, mean, rstd } = layerNorm(xs, gains, device.tensor(bias, [130]));
    const { dx, dGain, dBias } = layerNormBackward(
      xs,
      gains,
      { mean, rstd },
      device.tensor(dOut, [500, 130]),
    );
    return [out, mean, rstd, dx, dGain, dBias];
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const [x, gain] = [device.zeros([2, 3]), device.zeros([3])];
  expect(() => layerNorm(x, device.zeros([2]), gain)).toThrow(
    "layerNorm: expected gain of shape [3], got [2]",
  );
  expect(() => layerNorm(x, gain, device.zeros([4]))).toThrow(
    "layerNorm: expected bias of shape [3], got [4]",
  );
  expect(() => layerNorm(x, gain, gain, -1)).toThrow(
    "layerNorm: expected epsilon to be a number of at least 0, got -1",
  );
  const statistics = { mean: device.zeros([2]), rstd: device.zeros([2]) };
  expect(() => layerNormBackward(x, gain, statistics, gain)).toThrow(
    "layerNormBackward: expected dOut of shape [2, 3], got [3]",
  );
});
