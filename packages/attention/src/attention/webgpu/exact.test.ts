import { expect, test } from "vitest";
import { onEachGpu } from "../../../test/gpu.ts";
import {
  expectAsPrecise,
  largest,
  onDevice,
  type Problem,
  problemOf,
  type Sizes,
  solve,
} from "../../../test/problems.ts";
import { attentionBackward, attentionForward } from "../index.ts";
import { backwardReference, forwardReference } from "../reference.ts";

const sizes: readonly Sizes[] = [
  ...[1, 3, 17].flatMap((length) => [1, 3, 64, 128].map((depth) => ({ length, depth }))),
  { length: 17, depth: 10, causal: false },
  { length: 33, depth: 64, causal: false },
  { length: 65, depth: 33, batch: 2, queryHeads: 6, keyHeads: 2 },
  { length: 64, depth: 16, batch: 4, queryHeads: 2 },
  { length: 49, depth: 8, queryHeads: 3, keyHeads: 1, causal: false },
  { length: 20, depth: 160 },
  { length: 300, depth: 32, spread: 2 },
  { length: 200, depth: 5, causal: false },
];
const solved = sizes.map((size) => ({ name: JSON.stringify(size), ...solve(size) }));

/** A head of [300, 32] just fits; two batches of [64, 2, 16] do. */
const small = 2 ** 16;

onEachGpu("exact attention", small, (run) => {
  test.each(solved)("is as precise as the plain loops: $name", ({ problem, exact, single }) =>
    run(async (device) => {
      const { q, k, v, dOut } = onDevice(device, problem);
      const forward = attentionForward(q, k, v, { causal: problem.causal });
      expectAsPrecise(await forward.out.read(), exact.out, single.out);
      expectAsPrecise(await forward.lse.read(), exact.lse, single.lse);
      const { dq, dk, dv } = attentionBackward(forward, "all", dOut);
      expectAsPrecise(await dq.read(), exact.dq, single.dq);
      expectAsPrecise(await dk.read(), exact.dk, single.dk);
      expectAsPrecise(await dv.read(), exact.dv, single.dv);
    }),
  );

  test("takes a scale", () =>
    run(async (device) => {
      const problem = problemOf({ length: 5, depth: 4 });
      const { q, k, v } = onDevice(device, problem);
      const doubled = attentionForward(q, k, v, { scale: 1 });
      const twice = device.tensor(
        problem.q.map((x) => 2 * x),
        q.shape,
      );
      expect(await doubled.out.read()).toEqual(await attentionForward(twice, k, v).out.read());
    }));

  /** A problem with d = 1 whose scores are those given, in powers of 2. */
  const scored = (length: number, causal: boolean, score: (j: number) => number): Problem => ({
    ...problemOf({ length, depth: 1, causal }),
    scale: Math.LN2,
    q: new Float32Array(length).fill(1),
    k: Float32Array.from({ length }, (_, j) => score(j)),
  });

  test.each([
    ["far above 0", scored(100, true, (j) => 5e6 + (j % 7))],
    ["far below 0", scored(100, true, (j) => (j % 5 === 0 ? -5e6 : -1e30))],
    ["hidden keys", scored(100, true, (j) => (j % 9 === 4 ? 1 : -Infinity))],
    ["nothing but hidden keys", scored(70, false, () => -Infinity)],
  ])("scores at the edges of float32: %s", (_, problem) =>
    run(async (device) => {
      const { causal, scale } = problem;
      const { q, k, v } = onDevice(device, problem);
      const exact = forwardReference(problem);
      const forward = attentionForward(q, k, v, { causal, scale });
      expect(largest(await forward.out.read(), (i) => exact.out[i]!)).toBeLessThanOrEqual(2e-6);
      // The logarithm is computed in float32, so lse may be its neighbour.
      (await forward.lse.read()).forEach((lse, i) => {
        const slack = 2 ** -23 * Math.abs(exact.lse[i]!);
        if (lse !== Math.fround(exact.lse[i]!))
          expect(Math.abs(lse - exact.lse[i]!)).toBeLessThanOrEqual(slack);
      });
    }),
  );

  test("hidden keys and rows without a visible key get no gradient", () =>
    run(async (device) => {
      const problem = scored(100, true, (j) => (j % 9 === 4 ? 1 : -Infinity));
      const { causal, scale } = problem;
      const { q, k, v, dOut } = onDevice(device, problem);
      const forward = attentionForward(q, k, v, { causal, scale });
      const { dv } = attentionBackward(forward, "all", dOut);
      // The value's gradient does not meet the keys, which are infinite.
      const wanted = backwardReference(
        { ...problem, k: problem.k.map(() => 0) },
        forwardReference(problem),
        problem.dOut,
      );
      expect(largest(await dv.read(), (i) => wanted.dv[i]!)).toBeLessThanOrEqual(1e-5);
    }));

  test("runs repeat bit for bit", () =>
    run(async (device) => {
      const problem = problemOf({ length: 150, depth: 12, queryHeads: 4, keyHeads: 2 });
      const compute = async () => {
        const { q, k, v, dOut } = onDevice(device, problem);
        const forward = attentionForward(q, k, v);
        const { dq, dk, dv } = attentionBackward(forward, "all", dOut);
        return Promise.all([forward.out, forward.lse, dq, dk, dv].map((tensor) => tensor.read()));
      };
      expect(await compute()).toEqual(await compute());
    }));
});
