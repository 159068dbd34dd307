import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { expectAsExactAs } from "../../test/accuracy.ts";
import { devices, onDevice } from "../../test/devices.ts";
import { numbers, shapes } from "../../test/matrices.ts";
import { type CsrArrays, csr, sddmm } from "../index.ts";
import { sddmmReference } from "./reference.ts";

/** The loop of the reference, every step rounded to float32. */
function plainFloat32(
  { shape: [rows], indptr, indices }: CsrArrays,
  a: Float32Array,
  b: Float32Array,
  k: number,
  times: Float32Array,
  minus: Float32Array,
): Float32Array {
  const out = new Float32Array(indices.length);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      let dot = 0;
      for (let t = 0; t < k; t++) {
        dot = Math.fround(dot + Math.fround(a[i * k + t]! * b[indices[p]! * k + t]!));
      }
      out[p] = times[p]! * Math.fround(dot - minus[i]!);
    }
  }
  return out;
}

describe.each(devices)("sddmm, $name", (way) => {
  test.each(shapes)("is as exact as a float32 loop on $name", ({ matrix }) =>
    onDevice(way, async (device) => {
      const [rows, columns] = matrix.shape;
      for (const k of [0, 1, 2, 3, 4, 7, 32, 64, 128]) {
        const a = numbers(rows * k, 10 + k);
        const b = numbers(columns * k, 20 + k);
        const times = numbers(matrix.indices.length, 30);
        const minus = numbers(rows, 40);
        const pattern = csr(device, matrix);
        const [left, right] = [device.tensor(a, [rows, k]), device.tensor(b, [columns, k])];
        const out = sddmm(pattern, left, right, {
          times: device.tensor(times, [times.length]),
          minus: device.tensor(minus, [rows]),
        });
        const exact = sddmmReference(matrix, a, b, k, { times, minus });
        expectAsExactAs(plainFloat32(matrix, a, b, k, times, minus), await out.data.read(), exact);

        const bare = sddmm(pattern, left, right);
        const [one, zero] = [new Float32Array(times.length).fill(1), new Float32Array(rows)];
        const plain = plainFloat32(matrix, a, b, k, one, zero);
        expectAsExactAs(plain, await bare.data.read(), sddmmReference(matrix, a, b, k));
        expect(bare.shape).toEqual(matrix.shape);
      }
    }),
  );

  test("gives an entry the same bits wherever it stands in its row and wherever the work is cut", () =>
    onDevice(way, async (device) => {
      // One row many times over: whatever part and group of four an entry falls in, the dot product is the same.
      const [rows, columns, k] = [50, 37, 19];
      const a = numbers(k, 1);
      const repeated = Float32Array.from({ length: rows * k }, (_, i) => a[i % k]!);
      const whole = csr(device, {
        shape: [rows, columns],
        indptr: Array.from({ length: rows + 1 }, (_, i) => i * columns),
        indices: Array.from({ length: rows * columns }, (_, p) => p % columns),
        data: new Float32Array(rows * columns),
      });
      const b = device.tensor(numbers(columns * k, 2), [columns, k]);
      const values = await sddmm(whole, device.tensor(repeated, [rows, k]), b).data.read();
      for (let i = 1; i < rows; i++) {
        expect(values.subarray(i * columns, (i + 1) * columns)).toEqual(values.subarray(0, columns));
      }
    }));

  test("says what does not fit, and allocates nothing", () =>
    onDevice(way, async (device) => {
      using other = await openDevice("wasm", { threads: 1 });
      const pattern = csr(device, { shape: [2, 3], indptr: [0, 1, 3], indices: [2, 0, 1], data: [1, 1, 1] });
      const [a, b] = [device.zeros([2, 4]), device.zeros([3, 4])];
      const { used } = device.memory;
      device.resetPeak();
      expect(() => sddmm(pattern, b, b)).toThrow("sddmm: expected a of shape [2, k], got [3, 4]");
      expect(() => sddmm(pattern, a, a)).toThrow("sddmm: expected b of shape [3, 4], got [2, 4]");
      expect(() => sddmm(pattern, a, b, { minus: b })).toThrow(
        "sddmm: expected minus of shape [2], got [3, 4]",
      );
      expect(() => sddmm(pattern, a, b, { times: a })).toThrow(
        "sddmm: expected times of shape [3], got [2, 4]",
      );
      expect(() => sddmm(pattern, a, b, { times: pattern.indices })).toThrow(
        "sddmm: expected times of type f32, got u32",
      );
      expect(() => sddmm(pattern, a, other.zeros([3, 4]))).toThrow("sddmm: expected tensors of one device");
      expect(device.memory).toMatchObject({ used, peak: used });
    }));
});
