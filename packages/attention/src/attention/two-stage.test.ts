import { fold, key, resolution, rotationBits } from "@sus/graph";
import { type Device, openDevice, type Tensor, type WasmDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import {
  builds,
  estimateOf,
  expectAsPrecise,
  onDevice,
  onEachBuild,
  type Problem,
  problemOf,
  uneven,
} from "../../test/problems.ts";
import { type AttentionForward, attentionBackward, attentionForward, type TwoStageOptions } from "./index.ts";
import { problemOf as sizesOf } from "./problem.ts";
import { backwardReference, forwardReference } from "./reference.ts";
import { type Thinned, thinWasm } from "./wasm/thin.ts";

const problems: readonly (Problem & { readonly c: number })[] = [
  { ...uneven(problemOf({ length: 40, depth: 5 })), c: 4 },
  { ...uneven(problemOf({ length: 130, depth: 16, batch: 2, queryHeads: 4, keyHeads: 2 })), c: 6 },
  { ...uneven(problemOf({ length: 61, depth: 33, queryHeads: 3, keyHeads: 1, causal: false })), c: 2.5 },
  { ...uneven(problemOf({ length: 700, depth: 8, spread: 1.5 })), c: 12 },
];
const factors = ["row", "full"] as const;
const root = key(9);

interface Drawn {
  readonly forward: AttentionForward;
  readonly dOut: Tensor;
  readonly thinned: Thinned;
}

/** Both stages. The second is a function of the first: it can be drawn again. */
function draw(device: Device, problem: Problem, options: Omit<TwoStageOptions, "design" | "key">): Drawn {
  const { q, k, v, dOut } = onDevice(device, problem);
  const sample = { ...options, design: "two-stage", key: root } as const;
  const forward = attentionForward(q, k, v, { causal: problem.causal, sample });
  const first = { sample: forward.sample!, factors: forward.baseline?.factors };
  const sizes = sizesOf("test", q, k, v);
  const thinned = thinWasm(device as WasmDevice, sizes, forward, first, forward.thinning!, dOut);
  return { forward, dOut, thinned: thinned! };
}

/** How much entry (row, j) matters, from the formula, in float64. */
function factorOf(
  problem: Problem,
  out: ArrayLike<number>,
  factor: "row" | "full",
): (row: number, j: number) => number {
  const { q, k, v, dOut, length, queryHeads, keyHeads, depth, scale } = problem;
  const dot = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) =>
    Array.from({ length: depth }, (_, t) => a[i * depth + t]! * b[j * depth + t]!).reduce((x, y) => x + y, 0);
  return (row, j) => {
    const head = Math.floor(row / length);
    const batch = Math.floor(head / queryHeads);
    const query = (batch * length + (row % length)) * queryHeads + (head % queryHeads);
    const keyAt = (batch * length + j) * keyHeads + Math.floor(((head % queryHeads) * keyHeads) / queryHeads);
    const square = dot(dOut, query, dOut, query);
    if (factor === "row") return Math.sqrt(square);
    const slope = dot(dOut, query, v, keyAt) - dot(dOut, query, out, query);
    return Math.sqrt(square + (scale * slope) ** 2 * (dot(k, keyAt, k, keyAt) + dot(q, query, q, query)));
  };
}

describe.each(builds)("relaxed SIMD $relaxed, $threads threads", (build) => {
  describe.each(factors)("factor %s", (factor) => {
    test.each(problems)("thins the first stage as the reference does: %#", (problem) =>
      onEachBuild(build, async (device) => {
        const { c, length } = problem;
        const { forward, thinned } = draw(device, problem, { c, factor });
        const before = await forward.sample!.read();
        const after = await thinned.sample.read();
        const inverses = await forward.baseline!.factors.read();
        const inversesAfter = await thinned.factors!.read();
        const worth = factorOf(problem, forwardReference(problem).out, factor);
        const stream = fold(root, 0xffffffff);
        let [expected, close, at] = [0, 0, 0];
        const wrong: string[] = [];
        for (let row = 0; row < before.shape[0]; row++) {
          const first = before.indptr[row]!;
          const rowKey = fold(fold(stream, Math.floor(row / length)), row % length);
          expect(after.indptr[row]).toBe(at);
          for (let e = first; e < before.indptr[row + 1]!; e++) {
            const j = before.indices[e]!;
            const q = Math.min(1, thinned.lambda * before.data[e]! * worth(row, j));
            const realised = Math.max(resolution, Math.ceil(q / resolution) * resolution);
            const u = (rotationBits(rowKey, e - first) >>> 8) * resolution;
            expected += q;
            const kept = at < after.indptr[row + 1]! && after.indices[at] === j;
            if (Math.abs(u - q) <= 2e-5 * q && q < 1) close++;
            else if (kept !== u < realised) wrong.push(`(${row}, ${j})`);
            if (!kept) continue;
            const slack = 2e-5 + 2 * (resolution / realised);
            if (!(Math.abs((after.data[at]! * realised) / before.data[e]! - 1) <= slack))
              wrong.push(`Ŵ ${at}`);
            if (!(Math.abs((inversesAfter[at]! * realised) / inverses[e]! - 1) <= slack))
              wrong.push(`1/q ${at}`);
            at++;
          }
        }
        expect(wrong).toEqual([]);
        expect(close).toBeLessThanOrEqual(1 + before.data.length * 1e-3);
        expect(at).toBe(after.data.length);
        // λ is right to 10⁻³ on average, and kept is what the draws make of it.
        expect(Math.abs(expected / (c * before.shape[0]) - 1)).toBeLessThan(1e-3);
      }),
    );

    test.each(problems)("its backward pass is that of what is left: %#", (problem) =>
      onEachBuild(build, async (device) => {
        for (const baseline of [true, false]) {
          const { forward, dOut, thinned } = draw(device, problem, { c: problem.c, factor, baseline });
          const { dq, dk, dv, thinned: kept } = attentionBackward(forward, forward.sample!, dOut);
          const { sample, factors } = thinned;
          const { beta } = forward.baseline ?? {};
          const left = { ...forward, sample, ...(beta && factors ? { baseline: { beta, factors } } : {}) };
          const estimate = await estimateOf(left);
          expect(kept).toBe(sample.nnz);
          const wanted = backwardReference(problem, estimate, problem.dOut);
          const plain = backwardReference(problem, estimate, problem.dOut, Math.fround);
          expectAsPrecise(await dq.read(), wanted.dq, plain.dq);
          expectAsPrecise(await dk.read(), wanted.dk, plain.dk);
          expectAsPrecise(await dv.read(), wanted.dv, plain.dv);
        }
      }),
    );
  });
});

describe("with nothing to thin", () => {
  const problem = problemOf({ length: 20, depth: 4 });
  test.each([
    { name: "more room than entries", c: 50, dOut: problem.dOut },
    { name: "a cotangent of 0", c: 2, dOut: new Float32Array(80) },
  ])("$name: all of the first stage is kept", async ({ c, dOut }) => {
    using device = await openDevice("wasm", { threads: 1 });
    using _ = device.scope();
    const { forward, thinned, ...rest } = draw(device, { ...problem, dOut }, { c });
    expect(thinned).toBeUndefined();
    const gradients = attentionBackward(forward, forward.sample!, rest.dOut);
    expect(gradients.thinned).toBe(forward.sample!.nnz);
    const wanted = attentionBackward(
      { ...forward, sample: forward.sample!.share() },
      forward.sample!,
      rest.dOut,
    );
    expect(await gradients.dk.read()).toEqual(await wanted.dk.read());
  });
});

test("cotangents at the edges of float32 are thinned without NaN", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  for (const size of [1e-30, 1e30]) {
    using _ = device.scope();
    const even = problemOf({ length: 100, depth: 8 });
    const problem = { ...even, dOut: even.dOut.map((x) => x * size) };
    for (const factor of factors) {
      const { forward, dOut, thinned } = draw(device, problem, { c: 4, factor });
      expect(Math.abs(thinned.sample.nnz / 400 - 1)).toBeLessThan(0.2);
      const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
      for (const tensor of [dq, dk, dv]) expect((await tensor.read()).every(Number.isFinite)).toBe(true);
    }
  }
});

test("less error than one stage that keeps as many", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const problem = uneven(problemOf({ length: 400, depth: 16 }));
  const exact = backwardReference(problem, forwardReference(problem), problem.dOut);
  const measure = async (design: "bernoulli" | "two-stage", c: number, factor: "row" | "full" = "row") => {
    let [error, kept] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      using _ = device.scope();
      const { q, k, v, dOut } = onDevice(device, problem);
      const options = { c, key: fold(key(3), seed) };
      const sample = design === "two-stage" ? { ...options, design, factor } : { ...options, design };
      const forward = attentionForward(q, k, v, { sample });
      const { thinned, ...gradients } = attentionBackward(forward, forward.sample!, dOut);
      kept += ((thinned as number | undefined) ?? forward.sample!.nnz) / 20;
      for (const name of ["dq", "dk", "dv"] as const) {
        const values = await gradients[name].read();
        exact[name].forEach((x, i) => {
          error += (values[i]! - x) ** 2 / 20;
        });
      }
    }
    return { error, kept };
  };
  const one = await measure("bernoulli", 9);
  const row = await measure("two-stage", one.kept / 400);
  const full = await measure("two-stage", one.kept / 400, "full");
  expect(Math.abs(row.kept / one.kept - 1)).toBeLessThan(0.02);
  expect(row.error).toBeLessThan(0.6 * one.error);
  expect(full.error).toBeLessThan(row.error);
});
