import { key } from "@sus/graph";
import { type Csr, csr } from "@sus/sparse";
import type { Device, Tensor } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { hasWebGpu, onEachGpu, openGpu } from "../../../test/gpu.ts";
import {
  expectAsPrecise,
  largest,
  normals,
  onDevice,
  problemOf,
  type Sizes,
  solve,
} from "../../../test/problems.ts";
import { type AttentionForward, attentionBackward, attentionForward } from "../index.ts";
import { backwardReference, type ReferenceEstimate } from "../reference.ts";

const sizes: readonly Sizes[] = [
  ...[1, 3, 17].flatMap((length) => [1, 3, 64, 128].map((depth) => ({ length, depth }))),
  { length: 65, depth: 33, batch: 2, queryHeads: 6, keyHeads: 2 },
  { length: 64, depth: 16, batch: 4, queryHeads: 4, keyHeads: 2 },
  { length: 49, depth: 8, queryHeads: 3, keyHeads: 1, causal: false },
  { length: 300, depth: 8, spread: 2, queryHeads: 2 },
];
const solved = sizes.map((size) => ({ name: JSON.stringify(size), ...solve(size) }));

/** A sample, and with a baseline its factors, as the dense arrays that the reference takes. */
async function denseOf({ sample, baseline }: AttentionForward): Promise<Omit<ReferenceEstimate, "out">> {
  const { shape, indptr, indices, data } = await sample!.read();
  const spread = (values: ArrayLike<number>) => {
    const dense = new Float64Array(shape[0] * shape[1]);
    for (let row = 0; row < shape[0]; row++) {
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++) dense[row * shape[1] + indices[e]!] = values[e]!;
    }
    return dense;
  };
  const weights = spread(data);
  if (baseline === undefined) return { weights };
  return {
    weights,
    baseline: { beta: await baseline.beta.read(), factors: spread(await baseline.factors.read()) },
  };
}

onEachGpu("sampled attention", 2 ** 16, (run) => {
  describe.each(["bernoulli", "priority", "systematic"] as const)("%s", (design) => {
    test.each(solved.map((each, i) => ({ ...each, baseline: i % 4 !== 3 })))(
      "$name, baseline $baseline: as precise as plain loops",
      ({ problem, exact, single, baseline }) =>
        run(async (device) => {
          const { q, k, v, dOut } = onDevice(device, problem);
          const sample = { design, c: 8, key: key(5), baseline };
          const forward = attentionForward(q, k, v, { causal: problem.causal, sample });
          expectAsPrecise(await forward.out.read(), exact.out, single.out);
          expectAsPrecise(await forward.lse.read(), exact.lse, single.lse);
          const estimate = await denseOf(forward);
          expect(estimate.baseline !== undefined).toBe(baseline);
          const wanted = backwardReference(problem, { out: exact.out, ...estimate }, problem.dOut);
          const plain = backwardReference(
            problem,
            { out: single.out, ...estimate },
            problem.dOut,
            Math.fround,
          );
          const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
          expectAsPrecise(await dq.read(), wanted.dq, plain.dq);
          expectAsPrecise(await dk.read(), wanted.dk, plain.dk);
          expectAsPrecise(await dv.read(), wanted.dv, plain.dv);
        }),
    );

    test("runs repeat bit for bit", () =>
      run(async (device) => {
        const problem = problemOf({ length: 150, depth: 12, queryHeads: 4, keyHeads: 2 });
        const compute = async () => {
          const { q, k, v, dOut } = onDevice(device, problem);
          const forward = attentionForward(q, k, v, { sample: { design, c: 6, key: key(2) } });
          const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
          const { indptr, indices, data } = await forward.sample!.read();
          const gradients = await Promise.all([dq, dk, dv].map((tensor) => tensor.read()));
          return { indptr, kept: keptOf(indptr, indices), values: keptOf(indptr, data), gradients };
        };
        expect(await compute()).toEqual(await compute());
      }));
  });

  test("a sample without entries", () =>
    run(async (device) => {
      const { q, k, v, dOut } = onDevice(device, problemOf({ length: 5, depth: 4 }));
      const forward = attentionForward(q, k, v);
      const none = csr(device, { shape: [5, 5], indptr: [0, 0, 0, 0, 0, 0], indices: [], data: [] });
      for (const gradient of Object.values(attentionBackward(forward, none, dOut)) as Tensor[]) {
        expect(await gradient.read()).toEqual(new Float32Array(20));
      }
    }));

  test("columns of any length: none, one entry, whole pieces, over many pieces", () =>
    run(async (device) => {
      const length = 600;
      const problem = problemOf({ length, depth: 4 });
      // All rows keep column 0, the rows 64 … 127 and 200 … 263 another one, the last ones one each.
      const columnsOf = (i: number) => [
        0,
        ...(i >= 64 && i < 128 ? [7] : []),
        ...(i >= 200 && i < 264 ? [9] : []),
        ...(i > 590 ? [i] : []),
      ];
      const rows = Array.from({ length }, (_, i) => columnsOf(i));
      const weights = new Float64Array(length * length);
      rows.forEach((columns, i) => {
        for (const j of columns) weights[i * length + j] = Math.fround(1 / (1 + i + j));
      });
      const { q, k, v, dOut } = onDevice(device, problem);
      const out = device.tensor(normals(length * 4, 9), q.shape);
      const residuals = {
        q,
        k,
        v,
        out,
        lse: device.zeros([1, 1, length]),
        causal: true,
        scale: problem.scale,
      };
      const { dq, dk, dv } = attentionBackward(
        residuals,
        sampleOf(device, rows, length, (i, j) => 1 / (1 + i + j)),
        dOut,
      );
      const known = { out: await out.read(), weights };
      const wanted = backwardReference(problem, known, problem.dOut);
      const plain = backwardReference(problem, known, problem.dOut, Math.fround);
      expectAsPrecise(await dq.read(), wanted.dq, plain.dq);
      expectAsPrecise(await dk.read(), wanted.dk, plain.dk);
      expectAsPrecise(await dv.read(), wanted.dv, plain.dv);
    }));
});

/** The kept ones of the places of a sample. */
function keptOf(indptr: ArrayLike<number>, values: ArrayLike<number>): number[] {
  return Array.from(values).slice(0, indptr[indptr.length - 1]);
}

function sampleOf(
  device: Device,
  rows: readonly (readonly number[])[],
  columns: number,
  weight: (row: number, column: number) => number,
): Csr {
  const indptr = [0];
  for (const row of rows) indptr.push(indptr.at(-1)! + row.length);
  return csr(device, {
    shape: [rows.length, columns],
    indptr,
    indices: rows.flat(),
    data: rows.flatMap((row, i) => row.map((column) => weight(i, column))),
  });
}

test.runIf(hasWebGpu)("100,000 rows a head, more workgroups than one dimension has", async () => {
  using device = await openGpu();
  const [length, heads, depth] = [100_000, 3, 4];
  const problem = problemOf({ length, depth, queryHeads: heads, keyHeads: heads });
  const { q, k, v, dOut } = onDevice(device, problem);
  const out = device.zeros(q.shape);
  const residuals = { q, k, v, out, lse: device.zeros([1, heads, length]), causal: true, scale: 1 };
  // Every row attends to the first token and to half its own place.
  const rows = Array.from({ length: heads * length }, (_, row) =>
    row % length < 2 ? [0] : [0, (row % length) >> 1],
  );
  const { dq, dv } = attentionBackward(
    residuals,
    sampleOf(device, rows, length, () => 0.5),
    dOut,
  );
  const [queryGradient, valueGradient] = [await dq.read(), await dv.read()];
  const wantedQ = new Float64Array(q.size);
  const wantedV = new Float64Array(v.size);
  rows.forEach((columns, row) => {
    const query = ((row % length) * heads + Math.floor(row / length)) * depth;
    for (const j of columns) {
      const at = (j * heads + Math.floor(row / length)) * depth;
      let product = 0;
      for (let t = 0; t < depth; t++) product += problem.dOut[query + t]! * problem.v[at + t]!;
      for (let t = 0; t < depth; t++) {
        wantedQ[query + t]! += 0.5 * product * problem.k[at + t]!;
        wantedV[at + t]! += 0.5 * problem.dOut[query + t]!;
      }
    }
  });
  expect(largest(queryGradient, (i) => wantedQ[i]!)).toBeLessThanOrEqual(2e-5);
  // The first token's sums have 100,000 terms.
  expect(largest(valueGradient, (i) => wantedV[i]!)).toBeLessThanOrEqual(1e-3);
});
