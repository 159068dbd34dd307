import { expect, test } from "vitest";
import {
  expectAccurate,
  expectClose,
  expectSameBitsOnThreads,
  numbers,
  numericGradient,
  onEveryDevice,
} from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { float32 } from "../precision.ts";
import { softmaxCrossEntropy } from "./index.ts";
import { softmaxCrossEntropyReference } from "./reference.ts";

function inputs(rows: number, vocabulary: number, scale: number) {
  return {
    logits: numbers(rows * vocabulary, 1, scale),
    targets: Uint32Array.from({ length: rows }, (_, t) => (t * 7) % vocabulary),
  };
}

onEveryDevice("softmaxCrossEntropy", (open) => {
  test.each([
    [1, 1],
    [1, 2],
    [3, 17],
    [17, 3],
    [64, 256],
    [5, 1000],
    [100, 192],
  ] as const)("agrees with the reference, [%i, %i]", async (rows, vocabulary) => {
    using device = await open();
    for (const scale of [0, 1, 30, 300]) {
      const { logits, targets } = inputs(rows, vocabulary, scale);
      const exact = softmaxCrossEntropyReference(logits, targets);
      const plain = softmaxCrossEntropyReference(logits, targets, float32);
      const before = device.memory.used;
      {
        using scope = device.scope();
        const logitsOnDevice = device.tensor(logits, [rows, vocabulary]);
        const targetsOnDevice = device.tensor(targets, [rows]);
        const { loss, gradient } = softmaxCrossEntropy(logitsOnDevice, targetsOnDevice);
        expectAccurate(await loss.read(), [plain.loss], [exact.loss]);
        expectAccurate(await gradient.read(), plain.gradient, exact.gradient);
        expect(await logitsOnDevice.read()).toEqual(logits);

        const over = softmaxCrossEntropy(logitsOnDevice, targetsOnDevice, { overwrite: true });
        expect(await over.gradient.read()).toEqual(await gradient.read());
        expect(await logitsOnDevice.read()).toEqual(await gradient.read());
        expect(await over.loss.read()).toEqual(await loss.read());
        scope[Symbol.dispose]();
      }
      expect(device.memory.used).toBe(before);
    }
  });

  test.each([Number.NaN, Infinity])("a logit of %s is seen in the loss, wherever it stands", async (bad) => {
    using device = await open();
    for (let at = 0; at < 7; at++) {
      const logits = numbers(14, 1);
      logits[7 + at] = bad;
      const { loss } = softmaxCrossEntropy(
        device.tensor(logits, [2, 7]),
        device.tensor(Uint32Array.of(0, 3), [2]),
      );
      const [value] = await loss.read();
      // A GPU may make infinity of it.
      if (device.kind === "wasm") expect(value).toBeNaN();
      expect(value).not.toSatisfy(Number.isFinite);
    }
  });

  test("takes logits of minus infinity, which have no part in it", async () => {
    using device = await open();
    const logits = device.tensor(Float32Array.of(0, -Infinity, 0, -Infinity, 0), [1, 5]);
    const { loss, gradient } = softmaxCrossEntropy(logits, device.tensor(Uint32Array.of(2), [1]));
    expectClose(await loss.read(), [Math.log(3)], 1e-7);
    expectClose(await gradient.read(), [1 / 3, 0, -2 / 3, 0, 1 / 3], 1e-7);
  });
});

test("the reference gradient is the derivative", () => {
  const { logits, targets } = inputs(3, 5, 3);
  expectClose(
    softmaxCrossEntropyReference(logits, targets).gradient,
    numericGradient((at) => softmaxCrossEntropyReference(at, targets).loss, logits),
  );
});

test("gives the same bits on any number of threads", async () => {
  const { logits, targets } = inputs(500, 129, 3);
  await expectSameBitsOnThreads((device) => {
    const { loss, gradient } = softmaxCrossEntropy(
      device.tensor(logits, [500, 129]),
      device.tensor(targets, [500]),
    );
    return [loss, gradient];
  });
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const logits = device.tensor(numbers(6, 1), [2, 3]);
  const targets = device.tensor(Uint32Array.of(0, 3), [2]);
  expect(() => softmaxCrossEntropy(logits, targets, { overwrite: true })).toThrow(
    "softmaxCrossEntropy: expected targets below 3, got 3 at position 1",
  );
  expect(await logits.read()).toEqual(numbers(6, 1));
  expect(() => softmaxCrossEntropy(logits, device.zeros([3], "u32"))).toThrow(
    "softmaxCrossEntropy: expected targets of shape [2], got [3]",
  );
  expect(() => softmaxCrossEntropy(device.zeros([0, 3]), device.zeros([0], "u32"))).toThrow(
    "softmaxCrossEntropy: expected at least one row, got none",
  );
});
