import { key } from "@sus/graph";
import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import {
  builds,
  expectAsPrecise,
  largest,
  onDevice,
  onEachBuild,
  type Problem,
  problemOf,
  type Sizes,
  solve,
} from "../../test/problems.ts";
import { attentionBackward, attentionForward } from "./index.ts";
import { backwardReference, forwardReference } from "./reference.ts";

const sizes: readonly Sizes[] = [
  ...[1, 3, 17].flatMap((length) => [1, 3, 64, 128].map((depth) => ({ length, depth }))),
  { length: 17, depth: 10, causal: false },
  { length: 65, depth: 33, batch: 2, queryHeads: 6, keyHeads: 2 },
  { length: 49, depth: 8, queryHeads: 3, keyHeads: 1, causal: false },
  { length: 600, depth: 32, spread: 2 },
  { length: 600, depth: 5, causal: false },
  { length: 1000, depth: 64 },
];
const solved = sizes.map((size) => ({ name: JSON.stringify(size), ...solve(size) }));

/** A problem with d = 1 whose scores are those given, in powers of 2. */
const scored = (scores: readonly number[], causal: boolean): Problem => {
  const length = scores.length;
  const problem = problemOf({ length, depth: 1, causal });
  return { ...problem, scale: Math.LN2, q: new Float32Array(length).fill(1), k: Float32Array.from(scores) };
};

describe.each(builds)("exact attention, relaxed SIMD $relaxed, $threads threads", (build) => {
  test.each(solved)("is as precise as the plain loops: $name", ({ problem, exact, single }) =>
    onEachBuild(build, async (device) => {
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
});

test("takes a scale", async () => {
  using device = await openDevice("wasm");
  const { problem } = solve({ length: 5, depth: 4 });
  const { q, k, v } = onDevice(device, problem);
  const doubled = attentionForward(q, k, v, { scale: 1 });
  const plain = attentionForward(
    device.tensor(
      problem.q.map((x) => 2 * x),
      q.shape,
    ),
    k,
    v,
  );
  expect(await doubled.out.read()).toEqual(await plain.out.read());
});

describe.each(builds)("scores at the edges of float32, relaxed SIMD $relaxed, $threads threads", (build) => {
  test.each([
    [
      "far above 0",
      scored(
        Array.from({ length: 600 }, (_, j) => 5e6 + (j % 7)),
        true,
      ),
    ],
    [
      "far below 0",
      scored(
        Array.from({ length: 600 }, (_, j) => (j % 5 === 0 ? -5_000_001 : -1e30)),
        true,
      ),
    ],
    [
      "hidden keys",
      scored(
        Array.from({ length: 600 }, (_, j) => (j % 9 === 4 ? 1 : -Infinity)),
        true,
      ),
    ],
    ["nothing but hidden keys", scored(Array(70).fill(-Infinity), false)],
  ])("%s", (_, problem) =>
    onEachBuild(build, async (device) => {
      const { q, k, v, dOut } = onDevice(device, problem);
      const { causal, scale } = problem;
      const exact = forwardReference(problem);
      const forward = attentionForward(q, k, v, {
        causal,
        scale,
        sample: { design: "bernoulli", c: 1e6, key: key(1) },
      });
      const out = await forward.out.read();
      expect(largest(out, (i) => exact.out[i]!)).toBeLessThanOrEqual(2e-6);
      expect(await forward.lse.read()).toEqual(Float32Array.from(exact.lse));
      const all = (await forward.sample!.read()).data;
      expect(all.length).toBe(exact.weights.filter((w) => w > 0).length);
      // The value's gradient does not meet the keys, which are infinite.
      const wanted = backwardReference({ ...problem, k: problem.k.map(() => 0) }, exact, problem.dOut);
      // The exact backward pass has but the float32 `lse` to go by, which is coarse where scores are large.
      const coarse = Number.isFinite(exact.lse[0]) && Math.abs(exact.lse[0]!) > 1e6;
      for (const weights of coarse ? [forward.sample!] : ([forward.sample!, "all"] as const)) {
        const { dv } = attentionBackward(forward, weights, dOut);
        expect(largest(await dv.read(), (i) => wanted.dv[i]!)).toBeLessThanOrEqual(3e-5);
      }
    }),
  );
});

describe.each(builds)("rows without a finite score, relaxed SIMD $relaxed, $threads threads", (build) => {
  test.each(
    (["bernoulli", "priority", "systematic"] as const).flatMap((design) =>
      [5, 70, 1001].flatMap((length) =>
        [-Infinity, Number.NaN].flatMap((score) =>
          [true, false].map((causal) => ({ design, length, score, causal })),
        ),
      ),
    ),
  )("keep no weight: %o", ({ design, length, score, causal }) =>
    onEachBuild(build, async (device) => {
      const { q, k, v, dOut } = onDevice(device, scored(Array(length).fill(score), causal));
      const forward = attentionForward(q, k, v, { causal, sample: { design, c: 3, key: key(1) } });
      const { indptr, indices, data } = await forward.sample!.read();
      for (let row = 0; row < length; row++) {
        for (let e = indptr[row]!; e < indptr[row + 1]!; e++) {
          expect(indices[e]!).toBeLessThanOrEqual(causal ? row : length - 1);
          if (score === -Infinity) expect(data[e]).toBe(0);
        }
      }
      const { dv } = attentionBackward(forward, forward.sample!, dOut);
      if (score === -Infinity) expect((await dv.read()).every((x) => x === 0)).toBe(true);
    }),
  );
});
