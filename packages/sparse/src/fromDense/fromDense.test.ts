import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { denseDevices, onDevice } from "../../test/devices.ts";
import { shapes } from "../../test/matrices.ts";
import { fromDense } from "../index.ts";
import { toDenseReference } from "../toDense/reference.ts";
import { fromDenseReference } from "./reference.ts";

describe.each(denseDevices)("fromDense, $name", (way) => {
  test.each(shapes)("equals the reference on $name", ({ matrix }) =>
    onDevice(way, async (device) => {
      const values = Float32Array.from(toDenseReference(matrix));
      using dense = device.tensor(values, matrix.shape);
      using sparse = fromDense(dense);
      const { indptr, indices, data } = await sparse.read();
      const expected = fromDenseReference(values, matrix.shape);
      expect(indptr).toEqual(Uint32Array.from(expected.indptr));
      expect(indices).toEqual(Uint32Array.from(expected.indices));
      expect(data).toEqual(Float32Array.from(expected.data));
    }),
  );
});

test("drops both zeros and keeps NaN", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const sparse = fromDense(device.tensor(Float32Array.of(0, -0, Number.NaN, -1), [1, 4]));
  expect([...(await sparse.indices.read())]).toEqual([2, 3]);
  expect([...(await sparse.data.read())]).toEqual([Number.NaN, -1]);
});

test("takes float32 matrices only", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  expect(() => fromDense(device.zeros([4]))).toThrow(
    "fromDense: expected dense of shape [rows, columns], got [4]",
  );
  expect(() => fromDense(device.zeros([2, 2], "u32"))).toThrow(
    "fromDense: expected dense of type f32, got u32",
  );
});
