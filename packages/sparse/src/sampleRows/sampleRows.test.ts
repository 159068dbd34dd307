import {
  type DesignName,
  fold,
  independentBits,
  type Key,
  key,
  resolution,
  rotationBits,
  toUniform,
} from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { denseDevices, onDevice } from "../../test/devices.ts";
import { numbers } from "../../test/matrices.ts";
import { type CsrArrays, csr, fromDense, SparseError, sampleRows } from "../index.ts";
import { drawsOf, sampleRowsReference } from "./reference.ts";

/** Below it a GPU may take numbers for 0. */
const tiny = 2 ** -120;

const designNames: readonly DesignName[] = ["bernoulli", "priority", "systematic"];

/** Rows that sum to about one: peaked, flat, with zeros of both signs, all zero, all equal, huge and tiny weights in turn. */
function weightsOf(rows: number, columns: number): Float32Array {
  const noise = numbers(rows * columns, columns);
  const kinds: readonly ((x: number, j: number) => number)[] = [
    (x) => Math.exp(6 * x) / (67 * columns),
    (x) => (1 + x / 2) / columns,
    (x, j) => (j % 3 === 0 ? (j % 2 === 0 ? 0 : -0) : Math.abs(x) / columns),
    () => 0,
    () => 1 / columns,
    (x) => Math.abs(x) * 1e30,
    (x) => Math.abs(x) * 1e-40,
    (x, j) => (j % 2 === 0 ? 0.9 * Math.abs(x) : Math.abs(x) * 1e-9),
  ];
  return noise.map((x, i) => kinds[Math.floor(i / columns) % kinds.length]!(x, i % columns));
}

/** Estimates as they are, rounded once; a GPU may divide with an error of 2.5 ulp and take tiny numbers for 0. */
function expectEstimates(device: Device, actual: ArrayLike<number>, wanted: ArrayLike<number>): void {
  if (device.kind === "wasm") {
    expect(actual).toEqual(Float32Array.from(wanted));
    return;
  }
  expect(actual.length).toBe(wanted.length);
  for (let p = 0; p < wanted.length; p++) {
    const allowed = Math.max(tiny, 2 ** -21 * wanted[p]!);
    expect(Math.abs(actual[p]! - wanted[p]!)).toBeLessThanOrEqual(allowed);
  }
}

/**
 * Expects the entries that a GPU keeps by priorities in float32 to be those of the largest exact ones, but for priorities
 * that are the threshold's to within rounding. Returns how many entries are kept that would not be.
 */
function expectPriorities(
  { shape: [rows, columns], indptr, indices, data }: CsrArrays,
  { weights, c, root }: { weights: Float32Array; c: number; root: Key },
): number {
  let different = 0;
  for (let i = 0; i < rows; i++) {
    const row = fold(root, i);
    const priorities = Array.from(
      { length: columns },
      (_, j) => weights[i * columns + j]! / toUniform(independentBits(row, j)),
    );
    const threshold = priorities.toSorted((a, b) => b - a)[c] ?? 0;
    const kept = new Set(
      Array.from({ length: indptr[i + 1]! - indptr[i]! }, (_, p) => indices[indptr[i]! + p]!),
    );
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      const weight = weights[i * columns + indices[p]!]!;
      expect(weight).toBeGreaterThan(0);
      const estimate = Math.max(weight, threshold);
      expect(Math.abs(data[p]! - estimate)).toBeLessThanOrEqual(Math.max(tiny, 2 ** -21 * estimate));
    }
    if (threshold < tiny) continue;
    for (const [j, priority] of priorities.entries()) {
      if (priority > threshold * (1 + 2 ** -21)) expect(kept).toContain(j);
      if (priority < threshold * (1 - 2 ** -21)) expect(kept).not.toContain(j);
      if (kept.has(j) && priority <= threshold) different++;
    }
  }
  return different;
}

describe.each(denseDevices)("sampleRows, $name", (way) => {
  test.each(designNames)("%s keeps what the design keeps, with its estimates", (design) =>
    onDevice(way, async (device) => {
      let different = 0;
      for (const columns of [0, 1, 3, 4, 17, 100, 1000]) {
        for (const c of [1, 3, 30, ...(design === "priority" ? [] : [0.4, 2.5])]) {
          // More rows than fit into a small binding where they are wide.
          const rows = columns === 1000 ? 72 : 24;
          const weights = weightsOf(rows, columns);
          const root = key(columns + c * 10);
          const dense = device.tensor(weights, [rows, columns]);
          const sample = await sampleRows(dense, design, c, root, { capacity: rows * columns }).read();
          const wanted = sampleRowsReference(weights, [rows, columns], design, c, drawsOf(design, root));
          expect(sample.indptr).toEqual(Uint32Array.from(wanted.indptr));
          if (device.kind === "webgpu" && design === "priority") {
            different += expectPriorities(sample, { weights, c, root });
          } else {
            expect(sample.indices).toEqual(Uint32Array.from(wanted.indices));
            expectEstimates(device, sample.data, wanted.data);
          }
        }
      }
      // Of some 25,000 kept entries; a priority is within 2⁻²² of the threshold's for about one row in 10⁵.
      expect(different).toBeLessThanOrEqual(2);
    }),
  );

  test("bernoulli decides at the last bit as the design does", () =>
    onDevice(way, async (device) => {
      // The rotation of this key passes 0 in its first columns, where a probability of 2⁻²⁴ already keeps an entry.
      const columns = 10_002;
      const root = key(1621);
      const drawn = Array.from({ length: columns }, (_, j) => rotationBits(fold(root, 0), j) >>> 8);
      const zero = drawn.indexOf(0);
      expect(zero).toBeGreaterThan(-1);
      const expectKept = async (
        weights: readonly number[],
        c: number,
        wanted: { indices: readonly number[]; data: readonly number[] },
      ) => {
        const dense = device.tensor(Float32Array.from(weights), [1, columns]);
        const sample = sampleRows(dense, "bernoulli", c, root, { capacity: columns });
        const { indices, data } = await sample.read();
        expect(Array.from(indices)).toEqual(wanted.indices);
        expectEstimates(device, data, wanted.data);
      };
      const small = [...drawn.keys()].filter((j) => drawn[j]! < 2 ** 23);
      const above = drawn.map((m) => (m < 2 ** 23 ? (m + 0.5) * resolution : 0));
      await expectKept(above, 1, {
        indices: small,
        data: small.map((j) => Math.fround((drawn[j]! + 0.5) / (drawn[j]! + 1))),
      });
      const at = drawn.map((m) => m * resolution);
      await expectKept(at, 1, { indices: [], data: [] });
      // c · w underflows to 0, yet a positive weight is kept with probability 2⁻²⁴.
      const least = Array(columns).fill(2 ** -149);
      await expectKept(least, 0.25, { indices: [zero], data: [2 ** -125] });
    }));

  test("priority keeps exactly min(c, positive weights) in every row", () =>
    onDevice(way, async (device) => {
      const [rows, columns] = [64, 90];
      const weights = weightsOf(rows, columns);
      const { indptr } = await sampleRows(
        device.tensor(weights, [rows, columns]),
        "priority",
        40,
        key(1),
      ).read();
      for (let i = 0; i < rows; i++) {
        const positive = weights.subarray(i * columns, (i + 1) * columns).filter((w) => w > 0).length;
        expect(indptr[i + 1]! - indptr[i]!).toBe(Math.min(40, positive));
      }
    }));

  test("priority lets the lower index win where equal priorities meet at the threshold", () =>
    onDevice(way, async (device) => {
      const columns = 20_000;
      const weights = new Float32Array(columns).fill(1 / columns);
      const root = key(5);
      const drawn = Array.from({ length: columns }, (_, j) => independentBits(fold(root, 0), j) >>> 8);
      const ascending = drawn.toSorted((a, b) => a - b);
      const tied = ascending.findIndex((bits, rank) => bits === ascending[rank + 1]);
      expect(tied).toBeGreaterThan(0);
      const dense = device.tensor(weights, [1, columns]);
      const { indices } = await sampleRows(dense, "priority", tied + 1, root).read();
      const equal = [...drawn.keys()].filter((j) => drawn[j] === ascending[tied]);
      expect(equal.filter((j) => Array.from(indices).includes(j))).toEqual([equal[0]]);
      const wanted = sampleRowsReference(
        weights,
        [1, columns],
        "priority",
        tied + 1,
        drawsOf("priority", root),
      );
      expect(indices).toEqual(Uint32Array.from(wanted.indices));
    }));

  test("yields a matrix that passes the checks of csr", () =>
    onDevice(way, async (device) => {
      for (const design of designNames) {
        const dense = device.tensor(weightsOf(40, 300), [40, 300]);
        csr(device, await sampleRows(dense, design, 7, key(3), { capacity: dense.size }).read());
        csr(device, await fromDense(dense).read());
      }
    }));
});

test("takes matrices without rows or columns", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  for (const design of designNames) {
    expect(sampleRows(device.zeros([0, 5]), design, 3, key(0))).toMatchObject({ shape: [0, 5], nnz: 0 });
    expect(sampleRows(device.zeros([5, 0]), design, 3, key(0))).toMatchObject({ shape: [5, 0], nnz: 0 });
  }
});

describe("bad input", () => {
  test.each(designNames)(
    "%s names the first weight that is not one, and frees what it took",
    async (design) => {
      using device = await openDevice("wasm", { threads: 1 });
      sampleRows(device.zeros([1, 1]), design, 1, key(0))[Symbol.dispose]();
      for (const columns of [1, 3, 4, 7, 9]) {
        for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          for (const column of new Set([0, columns >> 1, columns - 1])) {
            const weights = new Float32Array(4 * columns).fill(0.5);
            weights[2 * columns + column] = bad;
            weights[3 * columns] = Number.NaN;
            using dense = device.tensor(weights, [4, columns]);
            const { used } = device.memory;
            expect(() => sampleRows(dense, design, 2, key(0))).toThrow(
              new SparseError(
                `sampleRows: expected finite weights of at least 0, got ${bad} at [2, ${column}]`,
              ),
            );
            expect(device.memory.used).toBe(used);
          }
        }
      }
    },
  );

  test("says what c may be", async () => {
    using device = await openDevice("wasm", { threads: 1 });
    const dense = device.zeros([2, 2]);
    for (const design of designNames) {
      for (const c of [0, -3, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => sampleRows(dense, design, c, key(0))).toThrow(
          `sampleRows: expected c above 0 and finite, got ${c}`,
        );
      }
    }
    expect(() => sampleRows(dense, "priority", 2.5, key(0))).toThrow(
      "sampleRows: expected a whole number c for priority, got 2.5",
    );
    expect(() => sampleRows(dense, "poisson" as DesignName, 2, key(0))).toThrow(
      'sampleRows: expected the design bernoulli, priority or systematic, got "poisson"',
    );
    expect(() => sampleRows(device.zeros([4]), "bernoulli", 2, key(0))).toThrow(
      "sampleRows: expected dense of shape [rows, columns], got [4]",
    );
    expect(() => sampleRows(device.zeros([2, 2], "u32"), "bernoulli", 2, key(0))).toThrow(
      "sampleRows: expected dense of type f32, got u32",
    );
  });
});
