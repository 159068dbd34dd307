import { type Device, openDevice } from "@sus/tensor";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CooArrays, fromCoo } from "../index.ts";

let device: Device;
beforeEach(async () => {
  device = await openDevice("wasm", { threads: 1 });
});
afterEach(() => {
  expect(device.memory.used).toBe(0);
  device[Symbol.dispose]();
});

const coo: CooArrays = { shape: [3, 4], row: [2, 0, 2, 0], col: [3, 1, 0, 0], data: [1, 2, 3, 0] };

test("sorts entries and keeps explicit zeros", async () => {
  using matrix = fromCoo(device, coo);
  const { indptr, indices, data } = await matrix.read();
  expect([...Array.from(indptr)]).toEqual([0, 2, 2, 4]);
  expect([...Array.from(indices)]).toEqual([0, 1, 0, 3]);
  expect([...Array.from(data)]).toEqual([0, 2, 3, 1]);
});

test("sums the entries at one place and rounds once", async () => {
  using matrix = fromCoo(device, {
    shape: [2, 2],
    row: [1, 0, 1, 1],
    col: [1, 0, 1, 1],
    // In float32 steps 1 + 2⁻²⁴ stays 1; the sum 1 + 2⁻²³ is a float32.
    data: [1, 7, 2 ** -24, 2 ** -24],
  });
  const { indptr, indices, data } = await matrix.read();
  expect(Array.from(indptr)).toEqual([0, 1, 2]);
  expect(Array.from(indices)).toEqual([0, 1]);
  expect(Array.from(data)).toEqual([7, 1 + 2 ** -23]);
});

test("takes no entries", async () => {
  using matrix = fromCoo(device, { shape: [2, 0], row: [], col: [], data: [] });
  expect(await matrix.indptr.read()).toEqual(Uint32Array.of(0, 0, 0));
});

test.each<[Partial<CooArrays>, string]>([
  [{ row: [3, 0, 2, 0] }, "fromCoo: expected row[0] to be a whole number in [0, 3), got 3"],
  [{ col: [3, -1, 0, 0] }, "fromCoo: expected col[1] to be a whole number in [0, 4), got -1"],
  [{ col: [3, 1, 0.5, 0] }, "fromCoo: expected col[2] to be a whole number in [0, 4), got 0.5"],
  [{ col: [3, 1, 0] }, "fromCoo: expected col of length 4, got 3"],
  [{ data: [1] }, "fromCoo: expected data of length 4, got 1"],
  [
    { shape: [1.5, 4] },
    "fromCoo: expected a shape [rows, columns] of whole numbers in [0, 2^31), got [1.5, 4]",
  ],
])("rejects %o and allocates nothing", (change, message) => {
  device.resetPeak();
  expect(() => fromCoo(device, { ...coo, ...change })).toThrow(message);
  expect(device.memory.peak).toBe(0);
});
