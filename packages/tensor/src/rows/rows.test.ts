import { expect, test } from "vitest";
import { expectAccurate, expectSameBitsOnThreads, numbers, onEveryDevice } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import { float32 } from "../precision.ts";
import { gatherRows, rowNorms, scatterRows } from "./index.ts";
import { gatherRowsReference, rowNormsReference, scatterRowsReference } from "./reference.ts";

const cases = [
  { height: 1, width: 1, kept: [0] },
  { height: 5, width: 3, kept: [1, 2, 4] },
  { height: 9, width: 17, kept: [0, 3, 7, 8] },
  { height: 300, width: 130, kept: Array.from({ length: 100 }, (_, r) => 3 * r) },
  { height: 4, width: 8, kept: [] },
];

onEveryDevice("rows", (open) => {
  test.each(cases)("have their norms: $height × $width", async ({ height, width }) => {
    using device = await open();
    const x = numbers(height * width, 1);
    const norms = await rowNorms(device.tensor(x, [height, width])).read();
    expectAccurate(norms, rowNormsReference(x, width, float32), rowNormsReference(x, width));
  });

  test("of the smallest and the largest numbers have norms too", async () => {
    using device = await open();
    // A GPU may take smaller ones than the normal numbers for 0.
    const least = device.kind === "webgpu" ? 2 ** -126 : 2 ** -149;
    const x = Float32Array.of(least, 0, 0, 3 * 2 ** 100, -4 * 2 ** 100, 0, 2 ** -60, 2 ** -30, 2 ** 60);
    const norms = await rowNorms(device.tensor(x, [3, 3])).read();
    expect([...norms]).toEqual([least, 5 * 2 ** 100, 2 ** 60]);
  });

  test.each(cases)(
    "are gathered, scaled and scattered: $height × $width",
    async ({ height, width, kept }) => {
      using device = await open();
      const x = numbers(height * width, 1);
      const factors = numbers(kept.length, 2, 4);
      const indices = device.tensor(Uint32Array.from(kept), [kept.length]);
      const matrix = device.tensor(x, [height, width]);
      const plain = gatherRows(matrix, indices);
      const ones = new Float32Array(kept.length).fill(1);
      expect([...(await plain.read())]).toEqual([...gatherRowsReference(x, width, kept, ones)]);
      const scaled = gatherRows(matrix, indices, device.tensor(factors, [kept.length]));
      expect([...(await scaled.read())]).toEqual([...gatherRowsReference(x, width, kept, factors, float32)]);
      const back = scatterRows(plain, indices, [1, height, width]);
      expect(back.shape).toEqual([1, height, width]);
      expect([...(await back.read())]).toEqual([
        ...scatterRowsReference(await plain.read(), width, kept, height),
      ]);
    },
  );
});

test("give the same bits on any number of threads", async () => {
  const [height, width] = [1000, 70];
  const x = numbers(height * width, 1);
  const kept = Uint32Array.from({ length: 400 }, (_, r) => 2 * r + 1);
  await expectSameBitsOnThreads((device) => {
    const matrix = device.tensor(x, [height, width]);
    const indices = device.tensor(kept, [kept.length]);
    const gathered = gatherRows(matrix, indices, device.tensor(numbers(kept.length, 2), [kept.length]));
    return [rowNorms(matrix), gathered, scatterRows(gathered, indices, [height, width])];
  });
});

test("name what was expected and what came", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const x = device.zeros([4, 3]);
  const indices = (...rows: number[]) => device.tensor(Uint32Array.from(rows), [rows.length]);
  expect(() => rowNorms(device.zeros([]))).toThrow("rowNorms: expected x of shape [..., width], got []");
  expect(() => gatherRows(x, device.zeros([2]))).toThrow("gatherRows: expected indices of type u32, got f32");
  expect(() => gatherRows(x, indices(1, 4))).toThrow("gatherRows: expected indices below 4, got 4 at 1");
  expect(() => gatherRows(x, indices(1), device.zeros([2]))).toThrow(
    "gatherRows: expected factors of shape [1], got [2]",
  );
  expect(() => scatterRows(x, indices(1, 2), [4, 3])).toThrow(
    "scatterRows: expected rows of shape [2, 3], got [4, 3]",
  );
  const two = device.zeros([2, 3]);
  expect(() => scatterRows(two, indices(1, 4), [4, 3])).toThrow(
    "scatterRows: expected indices below 4, got 4 at 1",
  );
  expect(() => scatterRows(two, indices(2, 2), [4, 3])).toThrow(
    "scatterRows: expected indices that ascend, got 2 after 2",
  );
  expect(() => scatterRows(two, indices(0, 1), [])).toThrow(
    "scatterRows: expected a shape [..., width], got []",
  );
});
