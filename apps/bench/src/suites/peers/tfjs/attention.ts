import * as tf from "@tensorflow/tfjs-core";
import { attentionInputs, depth } from "../attention-inputs.ts";
import type { Side } from "../side.ts";
import { read, useWasm } from "./backend.ts";
import { attend, causalMask } from "./ops.ts";

/** Attention from products and a softmax, and the gradient of its inner product with the cotangent. */
export async function attention(n: number): Promise<Side> {
  const threads = await useWasm();
  const { dOut: cotangent, ...inputs } = attentionInputs(n);
  const tensorOf = (data: Float32Array) => tf.tensor3d(data, [1, n, depth]);
  const qkv = [inputs.q, inputs.k, inputs.v].map(tensorOf);
  const [dOut, mask] = [tensorOf(cotangent), causalMask(n)];
  const loss = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Scalar =>
    tf.sum(tf.mul(attend(q, k, v, mask), dOut));
  const differentiate = tf.valueAndGrads(loss as (...inputs: tf.Tensor[]) => tf.Scalar);
  return {
    threads,
    gradient: async () => {
      const { value, grads } = tf.tidy(() => differentiate(qkv));
      const [dq, dk, dv] = await Promise.all(grads.map(read));
      return { loss: await read(value), dq: dq!, dk: dk!, dv: dv! };
    },
    run: async () => {
      const { value, grads } = tf.tidy(() => differentiate(qkv));
      tf.dispose([value, ...grads]);
    },
    [Symbol.dispose]: () => tf.dispose([...qkv, dOut, mask]),
  };
}
