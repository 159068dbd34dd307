import type { Tensor, WasmDevice } from "@sus/tensor";
import type { AttentionGradients, AttentionResiduals, Problem } from "../problem.ts";
import { exactBackwardWasm } from "./exact.ts";

/**
 * Adds the exact gradients of some query heads to those of the others: dQ of these heads, which is 0 so far, becomes theirs,
 * and dK and dV of the key heads that serve them grow by theirs, in the order of the query heads. Their vectors are copied, a
 * key head for each query head: O(n·d) a head.
 */
export function addExactHeadsWasm(
  device: WasmDevice,
  problem: Problem,
  { q, k, v, out, lse, causal, scale }: AttentionResiduals,
  heads: readonly number[],
  dOut: Tensor,
  { dq, dk, dv }: AttentionGradients,
): void {
  const { batch, length, queryHeads, keyHeads, depth } = problem;
  const keyHeadsOf = heads.map((head) => Math.floor((head * keyHeads) / queryHeads));
  const made: Tensor[] = [];
  const own = (tensor: Tensor) => {
    made.push(tensor);
    return tensor;
  };
  const gather = (tensor: Tensor, of: readonly number[]) => {
    const gathered = own(device.empty([batch, length, of.length, depth]));
    const [from, to] = [device.view(tensor), device.view(gathered)];
    const count = tensor.shape[2]!;
    for (let row = 0; row < batch * length; row++) {
      of.forEach((head, i) => {
        const at = (row * count + head) * depth;
        to.set(from.subarray(at, at + depth), (row * of.length + i) * depth);
      });
    }
    return gathered;
  };
  const add = (sum: Tensor, part: Tensor, of: readonly number[]) => {
    const [to, from] = [device.view(sum), device.view(part)];
    const count = sum.shape[2]!;
    for (let row = 0; row < batch * length; row++) {
      of.forEach((head, i) => {
        const [at, place] = [(row * count + head) * depth, (row * of.length + i) * depth];
        for (let t = 0; t < depth; t++) to[at + t]! += from[place + t]!;
      });
    }
  };
  try {
    const inputs = {
      ...{ causal, scale, q: gather(q, heads), out: gather(out, heads) },
      ...{ k: gather(k, keyHeadsOf), v: gather(v, keyHeadsOf) },
      lse: own(device.empty([batch, heads.length, length])),
    };
    const [from, to] = [device.view(lse), device.view(inputs.lse)];
    for (let b = 0; b < batch; b++) {
      heads.forEach((head, i) => {
        const row = (b * queryHeads + head) * length;
        to.set(from.subarray(row, row + length), (b * heads.length + i) * length);
      });
    }
    const alone = { ...problem, queryHeads: heads.length, keyHeads: heads.length };
    const exact = exactBackwardWasm(device, alone, inputs, gather(dOut, heads));
    for (const tensor of [exact.dq, exact.dk, exact.dv]) own(tensor);
    add(dq, exact.dq, heads);
    add(dk, exact.dk, keyHeadsOf);
    add(dv, exact.dv, keyHeadsOf);
  } finally {
    for (const tensor of made) tensor[Symbol.dispose]();
  }
}
