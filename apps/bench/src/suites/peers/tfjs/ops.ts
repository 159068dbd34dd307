import * as tf from "@tensorflow/tfjs-core";

/** −∞, in effect, above the diagonal and 0 elsewhere, [n, n]: added to scores, it makes attention causal. */
export function causalMask(n: number): tf.Tensor2D {
  const mask = new Float32Array(n * n);
  for (let i = 0; i < n; i++) mask.fill(-1e9, i * n + i + 1, (i + 1) * n);
  return tf.tensor2d(mask, [n, n]);
}

/** softmax(q kᵀ/√d + mask) v for every head, [heads, n, d]. */
export function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const scale = 1 / Math.sqrt(q.shape.at(-1)!);
  const scores = tf.add(tf.matMul(tf.mul(q, scale), k, false, true), mask);
  return tf.matMul(tf.softmax(scores), v);
}

/** The Gaussian error linear unit in its tanh form. */
export function gelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}
