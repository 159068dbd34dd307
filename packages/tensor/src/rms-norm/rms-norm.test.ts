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
import { rmsNorm, rmsNormBackward } from "./index.ts";
import { rmsNormBackwardReference, rmsNormReference } from "./reference.ts";

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
    x: numbers(rows * width, 1),
    gain: numbers(width, 2).map((value) => value + 1),
    dOut: numbers(rows * width, 4),
  };
}

onEveryDevice("rmsNorm", (open) => {
  test.each(shapes)("agrees with the reference, [%i, %i]", async (rows, width) => {
    using device = await open();
    const { x, gain, dOut } = inputs(rows, width);
    const exact = rmsNormReference(x, gain, epsilon);
    const plain = rmsNormReference(x, gain, epsilon, float32);
    const [xs, gains] = [device.tensor(x, [rows, width]), device.tensor(gain, [width])];
    const { out, rstd } = rmsNorm(xs, gains, epsilon);
    expectAccurate(await out.read(), plain.out, exact.out);
    expectAccurate(await rstd.read(), plain.rstd, exact.rstd);

    const { dx, dGain } = rmsNormBackward(xs, gains, rstd, device.tensor(dOut, [rows, width]));
    const statistics = await rstd.read();
    const exactGradients = rmsNormBackwardReference(x, gain, statistics, dOut);
    const plainGradients = rmsNormBackwardReference(x, gain, statistics, dOut, float32);
    const terms = dOut.map((g, i) => g * gain[i % width]! * statistics[Math.floor(i / width)]!);
    expectAccurate(await dx.read(), plainGradients.dx, exactGradients.dx, terms);
    expectAccurate(await dGain.read(), plainGradients.dGain, exactGradients.dGain);
  });
});

test("the reference pullback is the derivative", () => {
  const { x, gain, dOut } = inputs(3, 5);
  const loss = (x: ArrayLike<number>, gain: ArrayLike<number>) =>
    dot(rmsNormReference(x, gain, epsilon).out, dOut);
  const { dx, dGain } = rmsNormBackwardReference(x, gain, rmsNormReference(x, gain, epsilon).rstd, dOut);
  expectClose(
    dx,
    numericGradient((at) => loss(at, gain), x),
  );
  expectClose(
    dGain,
    numericGradient((at) => loss(x, at), gain),
  );
});

test("gives the same bits on any number of threads", async () => {
  const { x, gain, dOut } = inputs(500, 130);
  await expectSameBitsOnThreads((device) => {
    const [xs, gains] = [device.tensor(x, [500, 130]), device.tensor(gain, [130])];
    const { out, rstd } = rmsNorm(xs, gains);
    const { dx, dGain } = rmsNormBackward(xs, gains, rstd, device.tensor(dOut, [500, 130]));
    return [out, rstd, dx, dGain];
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const [x, gain] = [device.zeros([2, 3]), device.zeros([3])];
  expect(() => rmsNorm(x, device.zeros([2]))).toThrow("rmsNorm: expected gain of shape [3], got [2]");
  expect(() => rmsNormBackward(x, gain, gain, x)).toThrow(
    "rmsNormBackward: expected rstd of shape [2], got [3]",
  );
});
