import { expect, test } from "vitest";
import { hasWebGpu, openGpu } from "../../test/gpu.ts";
import { expectAccurate, expectSameBitsOnThreads, numbers, onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { float32 } from "../precision.ts";
import { matmul } from "./index.ts";
import { matmulReference } from "./reference.ts";

const transposes = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);
/**
 * Each tail of the 4 × 8 tile, several depth, column and row blocks (256, 512, 128), and vectors; on a GPU both tiles (64,
 * 128), thin products and products split along k,
 * each read number by number and in vectors.
 */
const sizes = [
  [1, 1, 1],
  [3, 17, 1],
  [4, 8, 3],
  [17, 3, 64],
  [64, 64, 17],
  [5, 1000, 3],
  [1000, 7, 5],
  [131, 9, 515],
  [1, 520, 257],
  [260, 1, 1000],
  [250, 120, 33],
  [70, 70, 600],
  [124, 252, 20],
] as const;

function inputs(m: number, n: number, k: number, { transposeA, transposeB }: (typeof transposes)[number]) {
  return {
    a: numbers(m * k, 1),
    b: numbers(k * n, 2),
    aShape: transposeA ? [k, m] : [m, k],
    bShape: transposeB ? [n, k] : [k, n],
  };
}

onEveryDevice(
  "matmul",
  (open) => {
    test.each(transposes)("agrees with the reference, %o", async (transpose) => {
      using device = await open();
      for (const size of sizes) {
        const [m, n, k] = size;
        const { a, b, aShape, bShape } = inputs(m, n, k, transpose);
        using scope = device.scope();
        const out = scope.keep(matmul(device.tensor(a, aShape), device.tensor(b, bShape), transpose));
        expect(out.shape).toEqual([m, n]);
        expectAccurate(
          await out.read(),
          matmulReference(a, b, size, transpose, float32),
          matmulReference(a, b, size, transpose),
        );
        out[Symbol.dispose]();
      }
      expect(device.memory.used).toBe(0);
    });

    test("adds to what is there", async () => {
      using device = await open();
      for (const [m, n, k] of [
        [5, 9, 300],
        [8, 16, 4],
        [20, 68, 12],
      ] as const) {
        const { a, b } = inputs(m, n, k, transposes[0]!);
        const start = numbers(m * n, 3);
        using out = device.tensor(start, [m, n]);
        expect(matmul(device.tensor(a, [m, k]), device.tensor(b, [k, n]), { out, accumulate: true })).toBe(
          out,
        );
        const sum = (round?: typeof float32) =>
          matmulReference(a, b, [m, n, k], {}, round).map((x, i) => x + start[i]!);
        expectAccurate(await out.read(), sum(float32), sum());
      }
    });
  },
  { bindingBytes: 2 ** 18 },
);

test.runIf(hasWebGpu).each(transposes)("splits what no binding holds, %o", async (transpose) => {
  using device = await openGpu({ bindingBytes: 4096 });
  const size = [192, 16, 20] as const;
  const { a, b, aShape, bShape } = inputs(...size, transpose);
  const out = matmul(device.tensor(a, aShape), device.tensor(b, bShape), transpose);
  expectAccurate(
    await out.read(),
    matmulReference(a, b, size, transpose, float32),
    matmulReference(a, b, size, transpose),
  );
});

test.each(transposes)("gives the same bits on any number of threads, %o", async (transpose) => {
  for (const [m, n, k] of [
    [1000, 23, 300],
    [23, 1000, 300],
  ] as const) {
    const { a, b, aShape, bShape } = inputs(m, n, k, transpose);
    await expectSameBitsOnThreads((device) => [
      matmul(device.tensor(a, aShape), device.tensor(b, bShape), transpose),
    ]);
  }
});

test("takes empty matrices", async () => {
  using device = await openDevice("wasm");
  expect(matmul(device.zeros([0, 3]), device.zeros([3, 2])).shape).toEqual([0, 2]);
  const out = device.tensor(numbers(6, 1), [2, 3]);
  matmul(device.zeros([2, 0]), device.zeros([0, 3]), { out, accumulate: true });
  expect(await out.read()).toEqual(numbers(6, 1));
  matmul(device.zeros([2, 0]), device.zeros([0, 3]), { out });
  expect([...(await out.read())]).toEqual([0, 0, 0, 0, 0, 0]);
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm");
  const a = device.zeros([2, 3]);
  expect(() => matmul(a, device.zeros([2, 4]))).toThrow("matmul: expected b of shape [3, n], got [2, 4]");
  expect(() => matmul(a, device.zeros([4, 2]), { transposeB: true })).toThrow(
    "matmul: expected b of shape [n, 3], got [4, 2]",
  );
  expect(() => matmul(device.zeros([2]), a)).toThrow("matmul: expected a of shape [m, k], got [2]");
  expect(() => matmul(a, device.zeros([3, 4]), { out: device.zeros([4, 2]) })).toThrow(
    "matmul: expected out of shape [2, 4], got [4, 2]",
  );
  const square = device.zeros([3, 3]);
  expect(() => matmul(square, square, { out: square })).toThrow(
    "matmul: expected out to have memory of its own",
  );
  expect(() => matmul(square, square, { accumulate: true })).toThrow(
    "matmul: expected out, the tensor to add to",
  );
  expect(() => matmul(a, device.zeros([3, 2], "u32"))).toThrow("matmul: expected b of type f32, got u32");
});
