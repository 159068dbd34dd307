import { fold, key } from "@sus/graph";
import { zScores } from "@sus/graph/testing";
import { type Device, openDevice, ShapeError } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import {
  builds,
  estimateOf,
  expectAsPrecise,
  onDevice,
  onEachBuild,
  type Problem,
  problemOf,
} from "../../test/problems.ts";
import type { HeadBudgets } from "./budgets.ts";
import { attentionBackward, attentionForward } from "./index.ts";
import { backwardReference, forwardReference } from "./reference.ts";

const designs = ["bernoulli", "priority", "systematic", "two-stage"] as const;
const problem = problemOf({ length: 90, depth: 8, batch: 2, queryHeads: 4, keyHeads: 2 });
const { length, queryHeads } = problem;
const root = key(21);

function sampled(device: Device, of: Problem, design: (typeof designs)[number], c: HeadBudgets) {
  const { q, k, v, dOut } = onDevice(device, of);
  const sample = { design, c, key: root };
  return { forward: attentionForward(q, k, v, { causal: of.causal, sample }), dOut };
}

/** The entries and factors of the rows of each head of each batch. */
async function rowsByHead(device: Device, design: (typeof designs)[number], c: HeadBudgets) {
  const { forward } = sampled(device, problem, design, c);
  const { indptr, indices, data } = await forward.sample!.read();
  const factors = await forward.baseline!.factors.read();
  return Array.from({ length: (indptr.length - 1) / length }, (_, head) => {
    const [from, to] = [indptr[head * length]!, indptr[(head + 1) * length]!];
    const starts = Array.from({ length: length + 1 }, (_, i) => indptr[head * length + i]! - from);
    return { starts, entries: [indices, data, factors].map((array) => Array.from(array).slice(from, to)) };
  });
}

describe.each(builds)("relaxed SIMD $relaxed, $threads threads", (build) => {
  describe.each(designs)("%s", (design) => {
    test("a head draws what it draws where all heads have its budget", () =>
      onEachBuild(build, async (device) => {
        const budgets = [2, 30, 200, 7];
        const byHead = await rowsByHead(device, design, budgets);
        expect(byHead.length).toBe(2 * queryHeads);
        for (const [head, c] of budgets.entries()) {
          const alike = await rowsByHead(device, design, c);
          for (const at of [head, queryHeads + head]) expect(byHead[at]).toEqual(alike[at]);
        }
      }));

    test("an exact head draws nothing, the others what they would", () =>
      onEachBuild(build, async (device) => {
        const byHead = await rowsByHead(device, design, [5, "all", 5, "all"]);
        const alike = await rowsByHead(device, design, 5);
        for (const [head, { starts, entries }] of byHead.entries()) {
          if (head % 2 === 0) expect(byHead[head]).toEqual(alike[head]);
          else expect([Math.max(...starts), ...entries.map((array) => array.length)]).toEqual([0, 0, 0, 0]);
        }
      }));
  });

  test.each([
    { causal: true, c: [5, "all", "all", 3] },
    { causal: false, c: ["all", 4, 9, 2] },
    { causal: true, c: ["all", "all", "all", "all"] },
  ] as const)("the backward pass takes all weights of exact heads: causal $causal, $c", ({ causal, c }) =>
    onEachBuild(build, async (device) => {
      const masked = { ...problem, causal };
      const { forward, dOut } = sampled(device, masked, "bernoulli", c);
      const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
      const estimate = await estimateOf(forward);
      const { weights } = forwardReference(masked);
      for (let at = 0; at < weights.length; at++) {
        const head = Math.floor(at / length / length) % queryHeads;
        if (c[head] === "all") estimate.weights[at] = weights[at]!;
      }
      const wanted = backwardReference(masked, estimate, masked.dOut);
      const plain = backwardReference(masked, estimate, masked.dOut, Math.fround);
      expectAsPrecise(await dq.read(), wanted.dq, plain.dq);
      expectAsPrecise(await dk.read(), wanted.dk, plain.dk);
      expectAsPrecise(await dv.read(), wanted.dv, plain.dv);
    }),
  );
});

// 5 cases, each with a false alarm in 10⁻⁷.
test.each([
  ...designs.map((design) => ({ design, c: [2, 9, 4, 1] })),
  { design: "two-stage", c: [2, "all", 4, 3] },
] as const)(
  "$design, c = $c: the mean of sampled gradients is the exact gradient, but for chance",
  async ({ design, c }) => {
    using device = await openDevice("wasm", { threads: 1 });
    const small = problemOf({ length: 20, depth: 4, queryHeads: 4, keyHeads: 2 });
    const { q, k, v, dOut } = onDevice(device, small);
    const samples: Float64Array[] = [];
    for (let seed = 0; seed < 1500; seed++) {
      using _ = device.scope();
      const forward = attentionForward(q, k, v, { sample: { design, c, key: fold(root, seed) } });
      const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
      samples.push(Float64Array.of(...(await dq.read()), ...(await dk.read()), ...(await dv.read())));
    }
    const { dq, dk, dv } = backwardReference(small, forwardReference(small), small.dOut);
    const exact = Float64Array.of(...dq, ...dk, ...dv);
    // What never varied was kept every time, with a probability of 1 or next to it.
    const varies = exact.map((_, i) => Number(samples.some((sample) => sample[i] !== samples[0]![i])));
    const varying = (values: Float64Array) => values.filter((_, i) => varies[i] === 1);
    exact.forEach((x, i) => {
      if (varies[i] === 0) expect(samples[0]![i]).toBeCloseTo(x, 3);
    });
    const { worst, limit } = zScores(samples.map(varying), varying(exact), 1e-7);
    expect(worst).toBeLessThan(limit);
  },
);

test("the second stage keeps as many entries as the heads' budgets have together", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _ = device.scope();
  const { forward, dOut } = sampled(device, problem, "two-stage", [3, "all", 9, 6]);
  const { thinned } = attentionBackward(forward, forward.sample!, dOut);
  expect(forward.exactHeads).toEqual([1]);
  expect(Math.abs((thinned as number) / (2 * length * (3 + 9 + 6)) - 1)).toBeLessThan(0.1);
});

test("slots of rows are as long as their own head's budget asks for", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const long = problemOf({ length: 600, depth: 4, queryHeads: 8 });
  const peakOf = (c: HeadBudgets) => {
    using _ = device.scope();
    const { q, k, v } = onDevice(device, long);
    const before = device.memory.used;
    device.resetPeak();
    attentionForward(q, k, v, { sample: { design: "bernoulli", c, key: root } });
    return device.memory.peak - before;
  };
  expect(peakOf([500, 4, 4, 4, 4, 4, 4, 4])).toBeLessThan(0.4 * peakOf(500));
  // The budget of a head that keeps all would be larger than the array that attention never holds.
  expect(peakOf(["all", 4, 4, 4, 4, 4, 4, 4])).toBeLessThan(peakOf(4));
});

test.each<[HeadBudgets, string]>([
  [[3, 3, 3], "expected c for each of 4 query heads, got 3"],
  [[], "expected c for each of 4 query heads, got 0"],
  [[3, 0, 3, 3], "expected c above 0 and finite, got 0"],
  [[3, 3, "some" as "all", 3], "expected c above 0 and finite, got some"],
  [[3, 3, 2.5, "all"], "expected a whole number c for priority, got 2.5"],
])("c = %j is refused", async (c, message) => {
  using device = await openDevice("wasm", { threads: 1 });
  const x = device.zeros([1, 2, 4, 4]);
  const call = () => attentionForward(x, x, x, { sample: { design: "priority", c, key: root } });
  expect(call).toThrow(ShapeError);
  expect(call).toThrow(`attentionForward: ${message}`);
});
