import { key } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { onDevice, type Problem, problemOf } from "../../test/problems.ts";
import { attentionBackward, attentionForward } from "./index.ts";

const problems: readonly Problem[] = [
  problemOf({ length: 400, depth: 20, queryHeads: 2, keyHeads: 1, spread: 0.5 }),
  problemOf({ length: 1100, depth: 16 }),
  problemOf({ length: 450, depth: 12, queryHeads: 4, keyHeads: 2, causal: false }),
];

const designs = ["bernoulli", "priority", "systematic", "two-stage"] as const;
const cases = designs.flatMap((design) => ([true, "all"] as const).map((baseline) => ({ design, baseline })));

/** Everything that forward and backward pass compute, as bits. */
async function bitsOf(device: Device, problem: Problem, options: (typeof cases)[number]) {
  using scope = device.scope();
  const { q, k, v, dOut } = onDevice(device, problem);
  const forward = attentionForward(q, k, v, {
    causal: problem.causal,
    sample: { ...options, c: 20, key: key(3) },
  });
  const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
  const exact = attentionBackward(forward, "all", dOut);
  const tensors = {
    out: forward.out,
    lse: forward.lse,
    ...{ indptr: forward.sample!.indptr, indices: forward.sample!.indices, data: forward.sample!.data },
    ...{ beta: forward.baseline!.beta, factors: forward.baseline!.factors },
    ...{ dq, dk, dv },
    ...{ exactQ: exact.dq, exactK: exact.dk, exactV: exact.dv },
  };
  const bits = new Map<string, Uint32Array>();
  for (const [name, tensor] of Object.entries(tensors)) {
    bits.set(name, new Uint32Array((await tensor.read()).buffer));
  }
  scope[Symbol.dispose]();
  return bits;
}

test.each(cases)("$design, baseline $baseline: 1, 2 and 3 threads compute the same bits", async (options) => {
  for (const problem of problems) {
    using one = await openDevice("wasm", { threads: 1 });
    const wanted = await bitsOf(one, problem, options);
    for (const threads of [2, 3]) {
      using device = await openDevice("wasm", { threads });
      expect(await bitsOf(device, problem, options)).toEqual(wanted);
    }
  }
});
