import { key } from "@sus/graph";
import { describe, expect, test } from "vitest";
import {
  builds,
  estimateOf,
  expectAsPrecise,
  onDevice,
  onEachBuild,
  problemOf,
  type Sizes,
  solve,
} from "../../test/problems.ts";
import { attentionBackward, attentionForward } from "./index.ts";
import { backwardReference } from "./reference.ts";

const sizes: readonly Sizes[] = [
  ...[1, 3, 17].flatMap((length) => [1, 3, 64, 128].map((depth) => ({ length, depth }))),
  { length: 65, depth: 33, batch: 2, queryHeads: 6, keyHeads: 2 },
  { length: 49, depth: 8, queryHeads: 3, keyHeads: 1, causal: false },
  { length: 600, depth: 32, spread: 2 },
  { length: 1000, depth: 64 },
  // Flat rows, over which baselines reach dQ and dK too.
  { length: 200, depth: 33, batch: 2, queryHeads: 4, keyHeads: 2, spread: 0.5 },
  { length: 130, depth: 20, queryHeads: 3, keyHeads: 1, causal: false, spread: 0.5 },
];
const solved = sizes.map((size) => ({ name: JSON.stringify(size), ...solve(size) }));
const designs = ["bernoulli", "priority", "systematic"] as const;

describe.each(builds)("sampled attention, relaxed SIMD $relaxed, $threads threads", (build) => {
  describe.each([
    ...designs.map((design) => ({ design, baseline: true })),
    { design: "bernoulli", baseline: false } as const,
    ...designs.map((design) => ({ design, baseline: "all" as const })),
  ])("$design, baseline $baseline", ({ design, baseline }) => {
    test.each(solved)(
      "$name: the backward pass of the sample, as precise as plain loops",
      ({ problem, exact, single }) =>
        onEachBuild(build, async (device) => {
          const { q, k, v, dOut } = onDevice(device, problem);
          const sample = { design, c: 8, key: key(5), baseline };
          const forward = attentionForward(q, k, v, { causal: problem.causal, sample });
          expectAsPrecise(await forward.out.read(), exact.out, single.out);
          const drawn = await estimateOf(forward);
          expect(drawn.baseline === undefined).toBe(!baseline);
          const wanted = backwardReference(problem, { ...drawn, out: exact.out }, problem.dOut);
          const plain = backwardReference(problem, { ...drawn, out: single.out }, problem.dOut, Math.fround);
          const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
          expectAsPrecise(await dq.read(), wanted.dq, plain.dq);
          expectAsPrecise(await dk.read(), wanted.dk, plain.dk);
          expectAsPrecise(await dv.read(), wanted.dv, plain.dv);
        }),
    );
  });

  test("long heads, whose rows are cut into slices", () =>
    onEachBuild(build, async (device) => {
      const problem = problemOf({ length: 1100, depth: 128, queryHeads: 4, keyHeads: 2 });
      const { q, k, v, dOut } = onDevice(device, problem);
      const forward = attentionForward(q, k, v, { sample: { design: "bernoulli", c: 4, key: key(6) } });
      const known = await estimateOf(forward);
      const wanted = backwardReference(problem, known, problem.dOut);
      const plain = backwardReference(problem, known, problem.dOut, Math.fround);
      const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
      expectAsPrecise(await dq.read(), wanted.dq, plain.dq);
      expectAsPrecise(await dk.read(), wanted.dk, plain.dk);
      expectAsPrecise(await dv.read(), wanted.dv, plain.dv);
    }));
});
