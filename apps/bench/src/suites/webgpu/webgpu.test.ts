import type { Row } from "@sus/bench-harness";
import { adamw, add, type Tensor } from "@sus/tensor";
import { expect, test } from "vitest";
import { hasWebGpu, openGpu } from "../../../../../packages/tensor/test/gpu.ts";
import { suite } from "./index.ts";
import { measure } from "./measure.ts";
import { trafficOf } from "./traffic.ts";

type Four = [Tensor, Tensor, Tensor, Tensor];

test.runIf(hasWebGpu)("what a kernel binds has to be moved once, what it updates twice", async () => {
  using device = await openGpu();
  using _ = device.scope();
  const [a, b, m, v] = [
    [8, 8],
    [8, 8],
    [8, 8],
    [8, 8],
  ].map((shape) => device.zeros(shape)) as Four;
  const traffic = trafficOf(device, () => {
    add(a, b);
    add(a, b);
    adamw({ parameter: a, gradient: b, m: m, v: v }, { step: 1, learningRate: 1 });
  });
  const bytes = 4 * 64;
  expect(Object.fromEntries(traffic)).toEqual({
    add: { calls: 2, bytes: 2 * 3 * bytes },
    adamw: { calls: 1, bytes: 7 * bytes },
  });
  // Nothing is counted after it.
  add(a, b);
  expect(traffic.get("add")!.calls).toBe(2);
  await device.settle();
});

test.runIf(hasWebGpu)("a kernel that reads a part of what it binds says how much", async () => {
  using device = await openGpu({ profile: true });
  using _ = device.scope();
  const [a, b] = [device.zeros([64]), device.zeros([64])];
  const work = { run: () => add(a, b), flops: { add: 64 }, bytes: { add: 12 } };
  const [time, ...others] = await measure(device, work, { rounds: 2, repeats: 2 });
  expect(others).toEqual([]);
  expect(time).toMatchObject({ kernel: "add", calls: 1, bytes: 12, flops: 64 });
  expect(time!.ms).toBeGreaterThanOrEqual(0);
});

test.runIf(hasWebGpu)("every kernel of every operation is measured, and the adapter named", async () => {
  expect(await suite.unavailable!()).toBeUndefined();
  const rows: Row[] = [];
  for await (const row of suite.rows({ quick: true })) rows.push(row);
  expect(rows[0]).toMatchObject({ operation: "ceilings" });
  expect(rows.filter(({ suite, adapter }) => suite !== "webgpu" || !adapter)).toEqual([]);
  const kernels = new Set(rows.map(({ kernel }) => kernel));
  for (const name of [
    "matmul",
    "layerNormBackward",
    "crossEntropy",
    "adamw",
    "sddmm",
    "spmmLong",
    "priorityFill",
    "attentionForwardBernoulli",
    "attentionBackwardExactKeys",
    "attentionBackwardQueries",
    "attentionThinByEntry",
    "attentionThinDraw",
  ]) {
    expect(kernels).toContain(name);
  }
  // The software adapter's clock may stand still during a kernel; nothing else may be missing.
  expect(rows.slice(1).filter(({ ms, megabytes }) => !(Number(ms) >= 0 && Number(megabytes) > 0))).toEqual(
    [],
  );
});
