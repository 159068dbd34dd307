import { key } from "@sus/graph";
import type { Device } from "@sus/tensor";
import { expect, test } from "vitest";
import { onEachGpu, onWasm, type RunOnGpu } from "../../../test/gpu.ts";
import { largest, onDevice, problemOf } from "../../../test/problems.ts";
import type { HeadBudgets } from "../budgets.ts";
import { attentionBackward, attentionForward } from "../index.ts";

const problem = problemOf({ length: 90, depth: 8, batch: 2, queryHeads: 4, keyHeads: 2 });
const { length, queryHeads } = problem;
const designs = ["bernoulli", "priority", "systematic", "two-stage"] as const;
type Design = (typeof designs)[number];

function forwardOf(device: Device, design: Design, c: HeadBudgets) {
  const { q, k, v, dOut } = onDevice(device, problem);
  return { forward: attentionForward(q, k, v, { sample: { design, c, key: key(21) } }), dOut };
}

/** The entries, factors and baselines of the rows of each head of each batch. */
async function rowsByHead(device: Device, design: Design, c: HeadBudgets) {
  const { forward } = forwardOf(device, design, c);
  const { indptr, indices, data } = await forward.sample!.read();
  const factors = await forward.baseline!.factors.read();
  const beta = await forward.baseline!.beta.read();
  return Array.from({ length: (indptr.length - 1) / length }, (_, head) => {
    const [from, to] = [indptr[head * length]!, indptr[(head + 1) * length]!];
    const starts = Array.from({ length: length + 1 }, (_, i) => indptr[head * length + i]! - from);
    const entries = [indices, data, factors].map((array) => Array.from(array).slice(from, to));
    return { starts, entries, beta: Array.from(beta).slice(head * length, (head + 1) * length) };
  });
}

async function gradients(run: RunOnGpu, design: Design, c: HeadBudgets) {
  let read: ArrayLike<number>[] = [];
  await run(async (device) => {
    const { forward, dOut } = forwardOf(device, design, c);
    const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
    read = await Promise.all([dq, dk, dv].map((tensor) => tensor.read()));
  });
  return read;
}

onEachGpu("budgets by head", 3 * 2 ** 15, (run) => {
  test.each(designs)("%s: a head draws what it draws where all heads have its budget", (design) =>
    run(async (device) => {
      const budgets = [2, 30, "all", 2] as const;
      const byHead = await rowsByHead(device, design, budgets);
      const alike = { 2: await rowsByHead(device, design, 2), 30: await rowsByHead(device, design, 30) };
      for (const [at, found] of byHead.entries()) {
        const c = budgets[at % queryHeads]!;
        if (c !== "all") expect(found).toEqual(alike[c][at]);
        else expect([Math.max(...found.starts), Math.max(...found.beta)]).toEqual([0, 0]);
      }
    }),
  );

  test.each([
    { design: "bernoulli", c: [5, "all", "all", 3] },
    { design: "priority", c: [4, 9, 2, "all"] },
    { design: "two-stage", c: [3, "all", 6, 9] },
    { design: "systematic", c: ["all", "all", "all", "all"] },
  ] as const)("$design, c = $c: the gradients of WebAssembly", async ({ design, c }) => {
    const [gpu, wasm] = [await gradients(run, design, c), await gradients(onWasm, design, c)];
    for (const [i, wanted] of wasm.entries()) {
      const scale = largest(wanted, () => 0);
      expect(largest(gpu[i]!, (at) => wanted[at]!)).toBeLessThanOrEqual(2e-5 * scale);
    }
  });
});
