import { blockUntilReady, jit, nn, type numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { attentionInputs, depth } from "../attention-inputs.ts";
import type { Side } from "../side.ts";
import { arrayOf, read, threads, useWasm } from "./device.ts";

/** The library's own attention, and the gradient of its inner product with the cotangent, compiled as one. */
export async function attention(n: number): Promise<Side> {
  await useWasm();
  const { dOut: cotangent, ...inputs } = attentionInputs(n);
  const dOut = arrayOf(cotangent, [n, 1, depth]);
  const qkv = [inputs.q, inputs.k, inputs.v].map((data) => arrayOf(data, [n, 1, depth]));
  const loss = ([q, k, v]: np.Array[], dOut: np.Array) =>
    nn.dotProductAttention(q!, k!, v!, { isCausal: true }).mul(dOut).sum();
  const differentiate = jit(valueAndGrad(loss));
  return {
    threads,
    gradient: async () => {
      const [value, gradients] = differentiate(tree.ref(qkv), dOut.ref);
      const [dq, dk, dv] = await Promise.all(gradients.map(read));
      return { loss: await read(value), dq: dq!, dk: dk!, dv: dv! };
    },
    run: async () => {
      const result = differentiate(tree.ref(qkv), dOut.ref);
      await blockUntilReady(result);
      tree.dispose(result);
    },
    [Symbol.dispose]: () => {
      differentiate.dispose();
      tree.dispose([...qkv, dOut]);
    },
  };
}
