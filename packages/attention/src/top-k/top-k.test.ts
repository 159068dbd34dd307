import { key, type Node } from "@sus/graph";
import type { Csr } from "@sus/sparse";
import { ShapeError, type Tensor } from "@sus/tensor";
import { leaf } from "@sus/tensor/graph";
import { describe, expect, test } from "vitest";
import { builds, expectAsPrecise, onDevice, onEachBuild, solve } from "../../test/problems.ts";
import { attention, attentionBackward, attentionForward } from "../attention/index.ts";
import { topK } from "./index.ts";

const read = ({ indptr, indices, data }: Csr) => Promise.all([indptr.read(), indices.read(), data.read()]);

/** The k largest of a row, ascending by index, of equal ones the first. */
function largestOf(row: ArrayLike<number>, k: number): number[] {
  return [...Array.from(row).keys()]
    .filter((j) => row[j]! > 0)
    .sort((a, b) => row[b]! - row[a]! || a - b)
    .slice(0, k)
    .sort((a, b) => a - b);
}

describe.each(builds)("top-k with %o", (build) => {
  test.each([
    { length: 37, depth: 5, batch: 2, queryHeads: 4, keyHeads: 2 },
    { length: 20, depth: 8, causal: false },
    { length: 130, depth: 16, spread: 2 },
  ])("keeps the largest weights as they are: %o", async (sizes) => {
    const { problem, exact, single } = solve(sizes);
    await onEachBuild(build, async (device) => {
      const { q, k, v } = onDevice(device, problem);
      const forward = attentionForward(q, k, v, { causal: problem.causal });
      for (const budget of [1, 7, 200]) {
        const sample = topK(forward, budget);
        const { shape } = sample;
        const [indptr, indices, data] = await read(sample);
        expect(shape).toEqual([exact.lse.length, sizes.length]);
        const weights = (of: Float64Array) =>
          Array.from(data, (_, e) => {
            const row = indptr.findLastIndex((start) => start <= e);
            return of[row * sizes.length + indices[e]!]!;
          });
        for (let row = 0; row < shape[0]; row++) {
          const wanted = largestOf(
            exact.weights.subarray(row * sizes.length, (row + 1) * sizes.length),
            budget,
          );
          expect([...indices.subarray(indptr[row]!, indptr[row + 1]!)]).toEqual(wanted);
        }
        expectAsPrecise(data, weights(exact.weights), weights(single.weights));
      }
    });
  });

  test("among equal weights keeps the first", async () => {
    await onEachBuild(build, async (device) => {
      const zeros = device.zeros([1, 9, 1, 4]);
      const [indptr, indices] = await read(topK(attentionForward(zeros, zeros, zeros), 3));
      expect([...indices.subarray(indptr[8]!)]).toEqual([0, 1, 2]);
    });
  });
});

test("is a design of attention's nodes", async () => {
  const { problem } = solve({ length: 12, depth: 4, queryHeads: 2 });
  await onEachBuild(builds[0]!, async (device) => {
    const { q, k, v, dOut } = onDevice(device, problem);
    const nodes = [leaf(q), leaf(k), leaf(v)] as [Node<Tensor>, Node<Tensor>, Node<Tensor>];
    let entries = 0;
    const output = attention(...nodes, {
      c: 3,
      design: "top-k",
      key: key(1),
      onSample: ({ nnz }) => {
        entries = nnz;
      },
    });
    expect(entries).toBe(2 * (1 + 2 + 10 * 3));
    const forward = attentionForward(q, k, v);
    const wanted = attentionBackward(forward, topK(forward, 3), dOut);
    const [dq] = output.edges[0]!.pullback(dOut);
    expect(await dq!.read()).toEqual(await wanted.dq.read());
    expect(await output.value.read()).toEqual(await forward.out.read());
  });
});

test("refuses budgets that are not whole numbers", async () => {
  await onEachBuild(builds[0]!, async (device) => {
    const zeros = device.zeros([1, 2, 1, 4]);
    const forward = attentionForward(zeros, zeros, zeros);
    expect(() => topK(forward, 1.5)).toThrow(ShapeError);
    expect(() => topK(forward, 0)).toThrow("topK: expected k to be a whole number of at least 1, got 0");
  });
});
