import { expect, test } from "vitest";
import { expectAccurate, expectSameBitsOnThreads, numbers, onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { float32 } from "../precision.ts";
import { addBias, sumRows } from "./index.ts";
import { addBiasReference, sumRowsReference } from "./reference.ts";

const shapes = [
  [1, 1],
  [3, 5],
  [64, 16],
  [17, 67],
  [1000, 3],
  [200, 130],
] as const;

onEveryDevice("bias", (open) => {
  test("adds it to every row", async () => {
    using device = await open();
    for (const [rows, width] of shapes) {
      const [x, bias] = [numbers(rows * width, 1), numbers(width, 2)];
      using out = addBias(device.tensor(x, [1, rows, width]), device.tensor(bias, [width]));
      expect(out.shape).toEqual([1, rows, width]);
      expect([...(await out.read())]).toEqual([...addBiasReference(x, bias, float32)]);
    }
  });

  test("its gradient sums the rows", async () => {
    using device = await open();
    for (const [rows, width] of shapes) {
      const x = numbers(rows * width, 1);
      using out = sumRows(device.tensor(x, [rows, width]));
      expectAccurate(await out.read(), sumRowsReference(x, width, float32), sumRowsReference(x, width));
    }
  });
});

test("sums are the same bits on any number of threads", async () => {
  const x = numbers(300 * 500, 1);
  await expectSameBitsOnThreads((device) => [
    sumRows(device.tensor(x, [300, 500])),
    addBias(device.tensor(x, [300, 500]), device.tensor(numbers(500, 2), [500])),
  ]);
});

test("no rows sum to zero", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  expect([...(await sumRows(device.zeros([0, 5])).read())]).toEqual([0, 0, 0, 0, 0]);
});

test("names what it expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  expect(() => addBias(device.zeros([2, 3]), device.zeros([2]))).toThrow(
    "addBias: expected bias of shape [3], got [2]",
  );
  expect(() => sumRows(device.zeros([]))).toThrow("sumRows: expected x of shape [..., width], got []");
});
