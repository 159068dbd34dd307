import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { devices, onDevice } from "../../test/devices.ts";
import { matrixWithRows, numbers, shapes } from "../../test/matrices.ts";
import { type CsrArrays, csr, transpose, transposition } from "../index.ts";
import { transposeReference } from "./reference.ts";

function plain({ shape, indptr, indices, data }: CsrArrays) {
  return {
    shape: [...shape],
    indptr: [...toArray(indptr)],
    indices: [...toArray(indices)],
    data: toArray(data),
  };
}

function toArray(array: ArrayLike<number>): number[] {
  return Array.from(array);
}

describe.each(devices)("transpose, $name", (way) => {
  test.each(shapes)("equals the reference on $name", ({ matrix }) =>
    onDevice(way, async (device) => {
      using original = csr(device, matrix);
      using turned = transpose(original);
      expect(plain(await turned.read())).toEqual(plain(transposeReference(matrix)));
      using back = transpose(turned);
      expect(plain(await back.read())).toEqual(plain(matrix));
    }),
  );

  test("sorts a pattern once for any number of matrices on it", () =>
    onDevice(way, async (device) => {
      const matrix = matrixWithRows([5, 0, 17, 9], 20, 6);
      const data = numbers(matrix.indices.length, 7);
      using first = csr(device, matrix);
      using second = first.withData(device.tensor(data, [data.length]));
      using sorted = transposition(first);
      using turned = sorted.apply(second);
      expect(plain(await turned.read())).toEqual(plain(transposeReference({ ...matrix, data })));
    }));
});

test("says when a matrix is not on the pattern", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using sorted = transposition(csr(device, matrixWithRows([2, 3], 5, 1)));
  expect(() => sorted.apply(csr(device, matrixWithRows([2, 2], 5, 1)))).toThrow(
    "transpose: expected a matrix of shape [2, 5] with 5 entries, got [2, 5] with 4",
  );
  expect(() => sorted.apply(csr(device, matrixWithRows([2, 3], 4, 1)))).toThrow(
    "transpose: expected a matrix of shape [2, 5] with 5 entries, got [2, 4] with 5",
  );
});
