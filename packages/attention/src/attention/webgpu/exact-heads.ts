import type { Tensor, WebGpuDevice } from "@sus/tensor";
import type { AttentionGradients, AttentionResiduals, Problem } from "../problem.ts";
import { gatherHead, scatterHead } from "./copy-heads.ts";
import { exactBackwardWebGpu } from "./exact.ts";

/**
 * Adds the exact gradients of some query heads to those of the others, as `addExactHeadsWasm` does: head by head, copied with
 * its key head.
 */
export function addExactHeadsWebGpu(
  device: WebGpuDevice,
  problem: Problem,
  { q, k, v, out, lse, causal, scale }: AttentionResiduals,
  heads: readonly number[],
  dOut: Tensor,
  { dq, dk, dv }: AttentionGradients,
): void {
  const { batch: batches, length, queryHeads, keyHeads, depth } = problem;
  const alone = { ...problem, batch: 1, queryHeads: 1, keyHeads: 1 };
  using allLse = lse.reshape([batches * queryHeads, 1, 1, length]);
  for (let batch = 0; batch < batches; batch++) {
    for (const head of heads) {
      const keyHead = Math.floor((head * keyHeads) / queryHeads);
      const made: Tensor[] = [];
      const own = (tensor: Tensor) => {
        made.push(tensor);
        return tensor;
      };
      const gather = (tensor: Tensor, of: number) => {
        const copy = own(device.empty([length, depth]));
        gatherHead(device, { tensor, batch, head: of }, copy);
        return own(copy.reshape([1, length, 1, depth]));
      };
      const add = (part: Tensor, tensor: Tensor, of: number) => {
        const flat = own(own(part).reshape([length, depth]));
        scatterHead(device, flat, { tensor, batch, head: of }, true);
      };
      try {
        const ownLse = own(device.empty([1, length]));
        gatherHead(device, { tensor: allLse, batch: batch * queryHeads + head, head: 0 }, ownLse);
        const inputs = {
          ...{ causal, scale, q: gather(q, head), out: gather(out, head) },
          ...{ k: gather(k, keyHead), v: gather(v, keyHead), lse: own(ownLse.reshape([1, 1, length])) },
        };
        const exact = exactBackwardWebGpu(device, alone, inputs, gather(dOut, head));
        add(exact.dq, dq, head);
        add(exact.dk, dk, keyHead);
        add(exact.dv, dv, keyHead);
      } finally {
        for (const tensor of made) tensor[Symbol.dispose]();
      }
    }
  }
}
