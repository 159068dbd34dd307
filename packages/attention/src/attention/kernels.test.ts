import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { builds, expectAsPrecise, onDevice, onEachBuild, type Sizes, solve } from "../../test/problems.ts";
import { attentionBackward, attentionForward } from "./index.ts";

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
