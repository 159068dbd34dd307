import { type Device, openDevice } from "@sus/tensor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Csr, type CsrArrays, csr } from "../index.ts";

let device: Device;
beforeEach(async () => {
  device = await openDevice("wasm", { threads: 1 });
});
afterEach(() => {
  expect(device.memory.used).toBe(0);
  device[Symbol.dispose]();
});

/** [[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 4, 5]]. */
const valid: CsrArrays = {
  shape: [3, 4],
  indptr: [0, 2, 2, 5],
  indices: [1, 3, 0, 2, 3],
  data: [1, 2, 3, 4, 5],
};

describe("csr", () => {
  test("holds what it was given, in SciPy's names", async () => {
    using matrix = csr(device, valid);
    expect(matrix.shape).toEqual([3, 4]);
    expect(matrix.nnz).toBe(5);
    expect(await matrix.count()).toBe(5);
    const { indptr, indices, data } = await matrix.read();
    expect(indptr).toEqual(Uint32Array.from(valid.indptr));
    expect(indices).toEqual(Uint32Array.from(valid.indices));
    expect(data).toEqual(Float32Array.from(valid.data));
  });

  test.each([
    [0, 0],
    [0, 3],
    [3, 0],
  ])("takes the empty shape [%i, %i]", (rows, columns) => {
    using matrix = csr(device, {
      shape: [rows, columns],
      indptr: new Uint32Array(rows + 1),
      indices: [],
      data: [],
    });
    expect(matrix.nnz).toBe(0);
  });

  test("stores any value, also zero and non-finite ones", async () => {
    using matrix = csr(device, {
      shape: [1, 3],
      indptr: [0, 3],
      indices: [0, 1, 2],
      data: [0, Number.NaN, Number.POSITIVE_INFINITY],
    });
    expect([...(await matrix.data.read())]).toEqual([0, Number.NaN, Number.POSITIVE_INFINITY]);
  });

  test.each<[Partial<CsrArrays>, string]>([
    [{ shape: [3, -1] }, "csr: expected a shape [rows, columns] of whole numbers in [0, 2^31), got [3, -1]"],
    [
      { shape: [3, 2 ** 31] },
      "csr: expected a shape [rows, columns] of whole numbers in [0, 2^31), got [3, 2147483648]",
    ],
    [{ indptr: [0, 2, 5] }, "csr: expected indptr of length 4, got 3"],
    [{ data: [1, 2, 3, 4] }, "csr: expected data of length 5, got 4"],
    [{ indptr: [1, 2, 2, 5] }, "csr: expected indptr[0] to be 0, got 1"],
    [{ indptr: [0, 3, 2, 5] }, "csr: expected indptr[2] to be a whole number in [3, 5], got 2"],
    [{ indptr: [0, 2, 2.5, 5] }, "csr: expected indptr[2] to be a whole number in [2, 5], got 2.5"],
    [{ indptr: [0, 2, 2, 6] }, "csr: expected indptr[3] to be a whole number in [2, 5], got 6"],
    [{ indptr: [0, 2, 2, 4] }, "csr: expected indptr to end at 5, the length of indices, got 4"],
    [{ indices: [1, 4, 0, 2, 3] }, "csr: expected indices[1] to be a whole number in [0, 4), got 4"],
    [{ indices: [1, -1, 0, 2, 3] }, "csr: expected indices[1] to be a whole number in [0, 4), got -1"],
    [
      { indices: [1, Number.NaN, 0, 2, 3] },
      "csr: expected indices[1] to be a whole number in [0, 4), got NaN",
    ],
    [{ indices: [1, 3, 2, 0, 3] }, "csr: expected strictly ascending indices in row 2, got 2 before 0 at 3"],
    [{ indices: [1, 3, 0, 3, 3] }, "csr: expected strictly ascending indices in row 2, got 3 before 3 at 4"],
  ])("rejects %o and allocates nothing", (change, message) => {
    device.resetPeak();
    expect(() => csr(device, { ...valid, ...change })).toThrow(message);
    expect(device.memory.peak).toBe(0);
  });
});

describe("Csr", () => {
  test("other data on the same pattern shares its memory", async () => {
    const matrix = csr(device, valid);
    const { used } = device.memory;
    using other = matrix.withData(device.tensor(Float32Array.of(9, 8, 7, 6, 5), [5]));
    expect(device.memory.used).toBe(used + 64);
    matrix[Symbol.dispose]();
    expect([...(await other.indices.read())]).toEqual(valid.indices);
    expect([...(await other.data.read())]).toEqual([9, 8, 7, 6, 5]);
  });

  test("a shared handle keeps the memory alive", async () => {
    const matrix = csr(device, valid);
    using shared = matrix.share();
    matrix[Symbol.dispose]();
    expect(matrix.disposed).toBe(true);
    expect([...(await shared.data.read())]).toEqual(valid.data);
  });

  test("outlives the scope it was made in", () => {
    const scope = device.scope();
    const matrix = csr(device, valid).outlive(scope);
    scope[Symbol.dispose]();
    expect(matrix.disposed).toBe(false);
    matrix[Symbol.dispose]();
  });

  test("leaves tensors that do not fit to the caller", () => {
    using indptr = device.zeros([4], "u32");
    using indices = device.zeros([5], "u32");
    using data = device.zeros([4]);
    using signed = device.zeros([5], "i32");
    expect(() => new Csr([3, 4], { indptr, indices, data })).toThrow(
      "Csr: expected data of shape [5], got [4]",
    );
    expect(() => new Csr([3, 4], { indptr, indices: signed, data })).toThrow(
      "Csr: expected indices of type u32, got i32",
    );
    expect(() => new Csr([2, 4], { indptr, indices, data })).toThrow(
      "Csr: expected indptr of shape [3], got [4]",
    );
    expect(data.disposed).toBe(false);
  });

  test("rejects data of another length, and shares nothing then", () => {
    using matrix = csr(device, valid);
    using short = device.zeros([4]);
    expect(() => matrix.withData(short)).toThrow("withData: expected data of shape [5], got [4]");
  });
});
