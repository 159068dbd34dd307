import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { expectAsExactAs } from "../../test/accuracy.ts";
import { devices, onDevice } from "../../test/devices.ts";
import { matrixWithRows, numbers, shapes } from "../../test/matrices.ts";
import { type CsrArrays, csr, spmm } from "../index.ts";
import { spmmReference } from "./reference.ts";

/** The loop of the reference, every step rounded to float32. */
function plainFloat32(
  { shape: [rows], indptr, indices, data }: CsrArrays,
  b: Float32Array,
  k: number,
  scale: number,
): Float32Array {
  const out = new Float32Array(rows * k);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      for (let t = 0; t < k; t++) out[i * k + t]! += Math.fround(data[p]! * b[indices[p]! * k + t]!);
    }
  }
  return out.map((value) => value * Math.fround(scale));
}

describe.each(devices)("spmm, $name", (way) => {
  test.each(shapes)("is as exact as a float32 loop on $name", ({ matrix }) =>
    onDevice(way, async (device) => {
      const [rows, columns] = matrix.shape;
      for (const k of [0, 1, 3, 4, 32, 39, 64, 128]) {
        for (const scale of [1, 0.125]) {
          const b = numbers(columns * k, 10 + k);
          const out = spmm(csr(device, matrix), device.tensor(b, [columns, k]), { scale });
          expect(out.shape).toEqual([rows, k]);
          const exact = spmmReference(matrix, b, k, scale);
          expectAsExactAs(plainFloat32(matrix, b, k, scale), await out.read(), exact);
        }
      }
    }),
  );

  test("says what does not fit, and allocates nothing", () =>
    onDevice(way, async (device) => {
      using other = await openDevice("wasm", { threads: 1 });
      const matrix = csr(device, { shape: [3, 8], indptr: [0, 0, 0, 0], indices: [], data: [] });
      const [short, flat, typed] = [device.zeros([7, 4]), device.zeros([8]), device.zeros([8, 4], "i32")];
      const { used } = device.memory;
      device.resetPeak();
      expect(() => spmm(matrix, short)).toThrow("spmm: expected b of shape [8, k], got [7, 4]");
      expect(() => spmm(matrix, flat)).toThrow("spmm: expected b of shape [8, k], got [8]");
      expect(() => spmm(matrix, typed)).toThrow("spmm: expected b of type f32, got i32");
      expect(() => spmm(matrix, other.zeros([8, 4]))).toThrow("spmm: expected tensors of one device");
      expect(device.memory).toMatchObject({ used, peak: used });
    }));

  test("rows of b that no entry names do not matter", () =>
    onDevice(way, async (device) => {
      const matrix = csr(device, { shape: [1, 3], indptr: [0, 1], indices: [1], data: [2] });
      const out = spmm(
        matrix,
        device.tensor(Float32Array.of(Number.NaN, 5, Number.POSITIVE_INFINITY), [3, 1]),
      );
      expect([...(await out.read())]).toEqual([10]);
    }));
});

test("any number of threads gives the same bits, with a hot row among short ones", async () => {
  const lengths = [4000, ...Array.from({ length: 300 }, (_, i) => (i * 7) % 41), 2500];
  const matrix = matrixWithRows(lengths, 4000, 1);
  const b = numbers(4000 * 37, 2);
  const results: ArrayLike<number>[] = [];
  for (const threads of [1, 2, 3, 4]) {
    using device = await openDevice("wasm", { threads });
    for (let repeat = 0; repeat < 3; repeat++) {
      results.push(await spmm(csr(device, matrix), device.tensor(b, [4000, 37])).read());
    }
  }
  for (const result of results) expect(result).toEqual(results[0]);
});
