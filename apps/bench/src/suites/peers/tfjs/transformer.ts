import type { ResolvedConfig } from "@sus/attention";
import * as tf from "@tensorflow/tfjs-core";
import { normEpsilon } from "../../../training/model.ts";
import { attend, gelu } from "./ops.ts";

export type Parameters = Readonly<Record<string, tf.Tensor>>;

/** What a loss is computed from besides the parameters. */
export interface Batch {
  /** [n, vocabulary], a one in each row: the backend has no kernel for the gradient of a gather. */
  readonly tokens: tf.Tensor;
  readonly targets: tf.Tensor;
  /** [n, 1, headWidth / 2]. */
  readonly cosines: tf.Tensor;
  readonly sines: tf.Tensor;
  readonly mask: tf.Tensor;
}

/** The mean cross-entropy of the default model. */
export function lossOf(config: ResolvedConfig, parameters: Parameters, batch: Batch): tf.Scalar {
  const { layers, heads, headWidth, width, context: n } = config;
  const parameter = (name: string): tf.Tensor => parameters[name]!;
  const norm = (x: tf.Tensor, name: string) => {
    const meanSquare = tf.mean(tf.square(x), -1, true);
    return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, normEpsilon))), parameter(`${name}.gain`));
  };
  const rotate = (x: tf.Tensor) => {
    const [low, high] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
    const { cosines: c, sines: s } = batch;
    const turned = [tf.sub(tf.mul(low, c), tf.mul(high, s)), tf.add(tf.mul(low, s), tf.mul(high, c))];
    return tf.concat(turned, -1);
  };
  const byHead = (x: tf.Tensor) => tf.transpose(x, [1, 0, 2]);
  const embedding = parameter("embedding");
  let x: tf.Tensor = tf.matMul(batch.tokens, embedding);
  for (let layer = 0; layer < layers; layer++) {
    const at = `layers.${layer}`;
    const normed = norm(x, `${at}.attention.norm`);
    const project = (name: string) =>
      tf.reshape(tf.matMul(normed, parameter(`${at}.attention.${name}`)), [n, heads, headWidth]);
    const [q, k, v] = [rotate(project("query")), rotate(project("key")), project("value")];
    const mixed = tf.reshape(byHead(attend(byHead(q), byHead(k), byHead(v), batch.mask)), [n, width]);
    x = tf.add(x, tf.matMul(mixed, parameter(`${at}.attention.output`)));
    const up = tf.matMul(norm(x, `${at}.mlp.norm`), parameter(`${at}.mlp.up`));
    x = tf.add(x, tf.matMul(gelu(tf.add(up, parameter(`${at}.mlp.bias`))), parameter(`${at}.mlp.down`)));
  }
  const logits = tf.matMul(norm(x, "norm"), embedding, false, true);
  return tf.div(tf.sum(tf.mul(tf.logSoftmax(logits), batch.targets)), -n);
}
