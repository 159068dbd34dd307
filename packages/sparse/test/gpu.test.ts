import { type DesignName, fold, independentBits, key, toUniform } from "@sus/graph";
import type { Device, Tensor } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { fromDenseReference } from "../src/fromDense/reference.ts";
import {
  Csr,
  type CsrArrays,
  csr,
  fromDense,
  SparseError,
  sampleRows,
  sddmm,
  spmm,
  toDense,
  transpose,
  transposition,
} from "../src/index.ts";
import { drawsOf, sampleRowsReference } from "../src/sampleRows/reference.ts";
import { sddmmReference } from "../src/sddmm/reference.ts";
import { spmmReference } from "../src/spmm/reference.ts";
import { transposeReference } from "../src/transpose/reference.ts";
import { distance } from "./accuracy.ts";
import { gpuDevices, hasWebGpu, onDevice } from "./devices.ts";
import { matrixWithRows, numbers, shapes } from "./matrices.ts";

const designs: readonly DesignName[] = ["bernoulli", "priority", "systematic"];

/** A matrix whose places behind the last entry hold what no kernel may use. */
function uncounted(device: Device, { shape, indptr, indices, data }: CsrArrays, spare: number): Csr {
  const capacity = indices.length + spare;
  const padded = {
    indices: Uint32Array.from({ length: capacity }, (_, p) => indices[p] ?? 0),
    data: Float32Array.from({ length: capacity }, (_, p) => data[p] ?? Number.NaN),
  };
  return new Csr(
    shape,
    {
      indptr: device.tensor(Uint32Array.from(indptr), [indptr.length]),
      indices: device.tensor(padded.indices, [capacity]),
      data: device.tensor(padded.data, [capacity]),
    },
    { counted: false },
  );
}

describe.runIf(hasWebGpu).each(gpuDevices)("a matrix that only the device has counted, $name", (way) => {
  const expectTheSame = async (device: Device, matrix: CsrArrays, spare: number) => {
    const [rows, columns] = matrix.shape;
    const k = 12;
    const a = device.tensor(numbers(rows * k, 1), [rows, k]);
    const b = device.tensor(numbers(columns * k, 2), [columns, k]);
    const results = async (of: Csr) => [
      await of.read(),
      await sddmm(of, a, b, { times: of.data }).read(),
      await spmm(of, b).read(),
      await toDense(of).read(),
      await transpose(of).read(),
      await spmm(transpose(of), a).read(),
    ];
    const given = uncounted(device, matrix, spare);
    expect(await results(given)).toEqual(await results(csr(device, matrix)));
  };

  test.each(shapes)("gives what one of counted entries gives, on $name", ({ matrix }) =>
    onDevice(way, (device) => expectTheSame(device, matrix, 700)),
  );

  test("may have whole bindings of places that hold nothing", () =>
    onDevice(way, (device) => expectTheSame(device, matrixWithRows([200, 0, 31], 300, 1), 70_000)));

  test("says so where its number of entries is asked for", () =>
    onDevice(way, async (device) => {
      const given = uncounted(device, matrixWithRows([2, 3], 5, 1), 4);
      expect([given.counted, given.capacity]).toEqual([false, 9]);
      for (const same of [given, given.share(), transpose(given)]) {
        expect(await same.count()).toBe(5);
        expect(await same.count()).toBe(5);
        expect(() => same.nnz).toThrow(
          new SparseError(
            "nnz: expected a matrix of counted entries, got one of up to 9 that a GPU has chosen",
          ),
        );
      }
    }));
});

/** Weights of rows that sum to 1. */
function softmax(rows: number, columns: number): Float32Array {
  const weights = numbers(rows * columns, 9).map((x) => Math.exp(3 * x));
  for (let i = 0; i < rows; i++) {
    const row = weights.subarray(i * columns, (i + 1) * columns);
    const total = row.reduce((sum, w) => sum + w);
    row.forEach((w, j) => {
      row[j] = w / total;
    });
  }
  return weights;
}

describe.runIf(hasWebGpu)("on a GPU", () => {
  test("two runs, with or without subgroups, give the same bits", async () => {
    const [rows, columns, k] = [70, 300, 36];
    const run = async (device: Device, design: DesignName) => {
      const tensor = (length: number, seed: number) => device.tensor(numbers(length * k, seed), [length, k]);
      const [q, key1, dO] = [tensor(rows, 1), tensor(columns, 2), tensor(rows, 3)] as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const dense = device.tensor(softmax(rows, columns), [rows, columns]);
      const sample = sampleRows(dense, design, 30, key(5));
      const dS = sddmm(sample, dO, key1, { times: sample.data });
      const turned = transposition(sample);
      const products = [spmm(dS, key1), spmm(turned.apply(dS), q), spmm(turned.apply(sample), dO)];
      return [await sample.read(), ...(await Promise.all(products.map((product) => product.read())))];
    };
    for (const design of designs) {
      const results: unknown[] = [];
      for (const way of [gpuDevices[0]!, gpuDevices[0]!, gpuDevices[1]!]) {
        await onDevice(way, async (device) => {
          results.push(await run(device, design), await run(device, design));
        });
      }
      for (const result of results) expect(result).toEqual(results[0]);
    }
  });

  test.each(designs)("%s has room by default for rows that sum to 1", (design) =>
    onDevice(gpuDevices[0]!, async (device) => {
      const [rows, columns] = [300, 100];
      const dense = device.tensor(softmax(rows, columns), [rows, columns]);
      for (const c of [1, 7]) {
        const sample = sampleRows(dense, design, c, key(c));
        expect(sample.capacity).toBeLessThan(rows * columns);
        const { indptr } = await sample.read();
        expect(indptr[rows]).toBeLessThanOrEqual(sample.capacity);
      }
    }),
  );

  test("a capacity that is too small is the error of the next read, and nothing is written beyond it", () =>
    onDevice(gpuDevices[0]!, async (device) => {
      const dense = device.tensor(new Float32Array(40).fill(1), [4, 10]);
      const sample = sampleRows(dense, "bernoulli", 3, key(1), { capacity: 25 });
      expect(sample.capacity).toBe(25);
      await expect(sample.data.read()).rejects.toThrow(
        new SparseError(
          "sampleRows: expected at most 25 entries, got 40; make room for them by the option capacity",
        ),
      );
      expect(Array.from((await sample.read()).indptr)).toEqual([0, 10, 20, 25, 25]);
      const sparse = fromDense(dense, { capacity: 39 });
      await expect(sparse.read()).rejects.toThrow("fromDense: expected at most 39 entries, got 40");
      expect((await fromDense(dense, { capacity: 40 }).read()).indices.length).toBe(40);
    }));

  test("a capacity is a whole number", () =>
    onDevice(gpuDevices[0]!, async (device) => {
      const dense = device.zeros([2, 2]);
      for (const capacity of [-1, 0.5, Number.NaN]) {
        const message = `expected capacity to be a whole number in [0, 2^31), got ${capacity}`;
        expect(() => fromDense(dense, { capacity })).toThrow(`fromDense: ${message}`);
        expect(() => sampleRows(dense, "priority", 1, key(0), { capacity })).toThrow(
          `sampleRows: ${message}`,
        );
      }
    }));

  test.each(designs)("%s names the first weight that is not one with the next read", (design) =>
    onDevice(gpuDevices[2]!, async (device) => {
      const cases = [
        [1, Number.NaN],
        [1, -1],
        [1, Number.POSITIVE_INFINITY],
        [1, Number.NEGATIVE_INFINITY],
        // Wide enough for two pieces, of which the second is wrong.
        [330, -0.5],
      ] as const;
      for (const [columns, bad] of cases) {
        const rows = 200;
        const weights = new Float32Array(rows * columns).fill(0.5 / columns);
        weights[195 * columns + (columns >> 1)] = bad;
        weights[199 * columns] = Number.NaN;
        const sample = sampleRows(device.tensor(weights, [rows, columns]), design, 2, key(0));
        await expect(sample.read()).rejects.toThrow(
          new SparseError(
            `sampleRows: expected finite weights of at least 0, got ${bad} at [195, ${columns >> 1}]`,
          ),
        );
        const { indptr } = await sample.read();
        expect(indptr[196]).toBe(indptr[195]);
        // What the last row would have kept is not written, neither counted nor behind what is.
        const behind = (await sample.data.read()).subarray(indptr[rows]);
        expect(Array.from(behind)).toEqual(Array(behind.length).fill(Number.NaN));
      }
    }),
  );

  test("more rows and entries than one binding holds are found, and put back", () =>
    onDevice(gpuDevices[2]!, async (device) => {
      const n = 300;
      const values = numbers(n * n, 1);
      // The first row of the second piece is empty: what is put there by mistake shows.
      values.fill(0, 192 * n, 193 * n);
      const sparse = fromDense(device.tensor(values, [n, n]));
      const { indptr, indices, data } = await sparse.read();
      const wanted = fromDenseReference(values, [n, n]);
      expect(distance(indptr, wanted.indptr)).toBe(0);
      expect(distance(indices, wanted.indices)).toBe(0);
      expect(distance(data, wanted.data)).toBe(0);
      expect(distance(await toDense(sparse).read(), values)).toBe(0);
    }));

  test.each([gpuDevices[0]!, gpuDevices[2]!])("many short rows are dispatched, $name", (way) =>
    onDevice(way, async (device) => {
      const [n, k] = [100_000, 4];
      // A hot first column, as every row attends to the first token, and one elsewhere in every third row.
      const indptr = [0];
      const indices: number[] = [];
      for (let i = 0; i < n; i++) {
        indices.push(0);
        if (i % 3 === 1) indices.push(1 + (independentBits(key(1), i) % (n - 1)));
        indptr.push(indices.length);
      }
      const matrix = { shape: [n, n] as const, indptr, indices, data: numbers(indices.length, 2) };
      const [a, b] = [numbers(n * k, 3), numbers(n * k, 4)];
      const sparse = csr(device, matrix);
      const [left, right] = [device.tensor(a, [n, k]), device.tensor(b, [n, k])];
      const turned = transpose(sparse);
      const expected = transposeReference(matrix);
      const { indptr: starts, indices: rows, data } = await turned.read();
      // Not `toEqual`, which takes minutes to show how long arrays differ.
      expect(distance(starts, expected.indptr)).toBe(0);
      expect(distance(rows, expected.indices)).toBe(0);
      expect(distance(data, expected.data)).toBe(0);
      const close = async (actual: Tensor, exact: ArrayLike<number>, within: number) =>
        expect(distance(await actual.read(), exact)).toBeLessThan(within);
      await close(sddmm(sparse, left, right).data, sddmmReference(matrix, a, b, k), 1e-6);
      await close(spmm(sparse, right), spmmReference(matrix, b, k), 1e-6);
      // The first row sums 100,000 terms to a few hundred.
      await close(spmm(turned, left), spmmReference(expected, a, k), 1e-3);
    }),
  );

  test("100,000 rows of a dense matrix are sampled, more workgroups than one dimension has", () =>
    onDevice(gpuDevices[0]!, async (device) => {
      const [rows, columns] = [100_000, 2];
      const weights = Float32Array.from({ length: rows * columns }, (_, i) => {
        return toUniform(independentBits(fold(key(1), i), 0)) / 2;
      });
      const dense = device.tensor(weights, [rows, columns]);
      const sample = await sampleRows(dense, "bernoulli", 1, key(3)).read();
      const wanted = sampleRowsReference(
        weights,
        [rows, columns],
        "bernoulli",
        1,
        drawsOf("bernoulli", key(3)),
      );
      expect(distance(sample.indptr, wanted.indptr)).toBe(0);
      expect(distance(sample.indices, wanted.indices)).toBe(0);
    }));
});
