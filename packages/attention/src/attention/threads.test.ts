import { key } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { onDevice, type Problem, problemOf } from "../../test/problems.ts";
import { attentionBackward, attentionForward } from "./index.ts";

const problems: readonly Problem[] = [
  problemOf({ length: 1100, depth: 16 }),
  problemOf({ length: 450, depth: 12, queryHeads: 4, keyHeads: 2, causal: false }),
];

const designs = ["bernoulli", "priority", "systematic", "two-stage"] as const;

/** Everything that forward and backward pass compute with one design, as bits. */
async function bitsOf(device: Device, problem: Problem, design: (typeof designs)[number]) {
  using scope = device.scope();
  const { q, k, v, dOut } = onDevice(device, problem);
  const forward = attentionForward(q, k, v, {
    causal: problem.causal,
    sample: { design, c: 20, key: key(3) },
  });
  const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
  const exact = attentionBackward(forward, "all", dOut);
  const tensors = {
    out: forward.out,
    lse: forward.lse,
    ...{ indptr: forward.sample!.indptr, indices: forward.sample!.indices, data: forward.sample!.data },
    ...forward.baseline,
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

test.each(designs)("%s: 1, 2 and 3 threads compute the same bits", async (design) => {
  for (const problem of problems) {
    using one = await openDevice("wasm", { threads: 1 });
    const wanted = await bitsOf(one, problem, design);
    for (const threads of [2, 3]) {
      using device = await openDevice("wasm", { threads });
      expect(await bitsOf(device, problem, design)).toEqual(wanted);
    }
  }
});
