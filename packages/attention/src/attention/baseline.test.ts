import { fold, key } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { normals, onDevice, type Problem, problemOf } from "../../test/problems.ts";
import { attentionBackward, attentionForward, type SampleOptions } from "./index.ts";
import { backwardReference, forwardReference } from "./reference.ts";

/** The mean of ‖dV̂ − dV‖² over seeded samples, or of that of another gradient. */
async function error(
  device: Device,
  problem: Problem,
  sample: Omit<SampleOptions, "key" | "design"> & { readonly design: SampleOptions["design"] | "two-stage" },
  of: "dq" | "dk" | "dv" = "dv",
): Promise<number> {
  const exact = backwardReference(problem, forwardReference(problem), problem.dOut)[of];
  let sum = 0;
  for (let seed = 0; seed < 20; seed++) {
    using _ = device.scope();
    const { q, k, v, dOut } = onDevice(device, problem);
    const forward = attentionForward(q, k, v, { sample: { ...sample, key: fold(key(3), seed) } });
    const estimate = await attentionBackward(forward, forward.sample!, dOut)[of].read();
    exact.forEach((x, i) => {
      sum += (estimate[i]! - x) ** 2;
    });
  }
  return sum / 20;
}

// The same seeds every time: no chance in it.
test.each(["bernoulli", "priority", "systematic"] as const)(
  "%s: halves the error of dV, or better, where rows are flat",
  async (design) => {
    using device = await openDevice("wasm", { threads: 1 });
    const problem = problemOf({ length: 400, depth: 16, queryHeads: 2, keyHeads: 1, spread: 0.7 });
    const without = await error(device, problem, { design, c: 10, baseline: false });
    expect(await error(device, problem, { design, c: 10 })).toBeLessThan(0.5 * without);
  },
);

test.each(["bernoulli", "priority", "systematic", "two-stage"] as const)(
  "%s: of all gradients, it takes more than half of the error of dQ and dK as well where rows are flat",
  async (design) => {
    using device = await openDevice("wasm", { threads: 1 });
    const problem = problemOf({ length: 600, depth: 16, queryHeads: 2, keyHeads: 1, spread: 0.6 });
    for (const of of ["dq", "dk", "dv"] as const) {
      const without = await error(device, problem, { design, c: 10, baseline: false }, of);
      expect(await error(device, problem, { design, c: 10, baseline: "all" }, of)).toBeLessThan(
        0.5 * without,
      );
    }
  },
);

test("of all gradients, it leaves dQ and dK of peaked heads alone, to the bit", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _ = device.scope();
  const problem = problemOf({ length: 300, depth: 16, spread: 3 });
  const { q, k, v, dOut } = onDevice(device, problem);
  const gradients = async (baseline: true | "all") => {
    const forward = attentionForward(q, k, v, {
      sample: { design: "bernoulli", c: 10, key: key(3), baseline },
    });
    const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
    return [await dq.read(), await dk.read(), await dv.read()];
  };
  expect(await gradients("all")).toEqual(await gradients(true));
});

test("does no harm where rows are peaked", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const problem = problemOf({ length: 300, depth: 16, spread: 2 });
  const sample = { design: "bernoulli", c: 10 } as const;
  const without = await error(device, problem, { ...sample, baseline: false });
  expect(await error(device, problem, sample)).toBeLessThan(1.001 * without);
});

test("is for the forward pass's own sample: other weights are taken as they are", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _ = device.scope();
  const problem = problemOf({ length: 30, depth: 4 });
  const { q, k, v, dOut } = onDevice(device, problem);
  const forward = attentionForward(q, k, v, { sample: { design: "bernoulli", c: 3, key: key(1) } });
  const { baseline, ...without } = forward;
  expect(baseline).toBeDefined();
  const wanted = await attentionBackward(without, forward.sample!, dOut).dv.read();
  expect(await attentionBackward(forward, forward.sample!.share(), dOut).dv.read()).toEqual(wanted);
  expect(await attentionBackward(forward, forward.sample!, dOut).dv.read()).not.toEqual(wanted);
});

test("a peak that rises by more than float32 spans leaves a baseline of 0, not NaN", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _ = device.scope();
  const length = 1200;
  const noise = normals(length, 5);
  // Chunks come last first: the peak rises by 300 powers of 2 from each to the next.
  const scores = Float32Array.from({ length }, (_, j) => -300 * Math.floor(j / 512) + noise[j]!);
  const column = [1, length, 1, 1];
  const forward = attentionForward(
    device.tensor(new Float32Array(length).fill(1), column),
    device.tensor(scores, column),
    device.tensor(noise, column),
    { scale: Math.LN2, sample: { design: "bernoulli", c: 5, key: key(1) } },
  );
  const beta = await forward.baseline!.beta.read();
  expect(beta.slice(600)).toEqual(new Float32Array(600));
  expect(beta.slice(0, 512).every((b) => b > 0 && b <= 1.06)).toBe(true);
});
