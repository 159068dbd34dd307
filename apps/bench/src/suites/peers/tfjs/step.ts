import * as tf from "@tensorflow/tfjs-core";
import { initialParameters, modelOf, textOf, update } from "../../../training/model.ts";
import type { Side } from "../side.ts";
import { oneHot, rotaryTables } from "../step-inputs.ts";
import { read, useWasm } from "./backend.ts";
import { causalMask } from "./ops.ts";
import { type Batch, lossOf } from "./transformer.ts";

/** A parameter with the averages that AdamW keeps of its gradient and of the square. */
type State = [parameter: tf.Tensor, m: tf.Tensor, v: tf.Tensor];

/** Forward, backward, clipping and AdamW of the default model. */
export async function step(n: number): Promise<Side> {
  const threads = await useWasm();
  const config = modelOf(n);
  const { vocabulary, headWidth } = config;
  const { tokens, targets } = textOf(config);
  const { cosines, sines } = rotaryTables(config);
  const batch: Batch = {
    tokens: tf.tensor2d(oneHot(tokens, vocabulary), [n, vocabulary]),
    targets: tf.tensor2d(oneHot(targets, vocabulary), [n, vocabulary]),
    cosines: tf.tensor3d(cosines, [n, 1, headWidth / 2]),
    sines: tf.tensor3d(sines, [n, 1, headWidth / 2]),
    mask: causalMask(n),
  };
  const initial = [...initialParameters(config)];
  const names = initial.map(([name]) => name);
  let states: State[] = initial.map(([, { data, shape }]) => [
    tf.tensor(data, [...shape]),
    tf.zeros([...shape]),
    tf.zeros([...shape]),
  ]);
  const differentiate = tf.valueAndGrads((...parameters: tf.Tensor[]) =>
    lossOf(config, Object.fromEntries(names.map((name, i) => [name, parameters[i]!])), batch),
  );
  const parameters = () => states.map(([parameter]) => parameter);
  let steps = 0;
  return {
    threads,
    gradient: async () => {
      const { value, grads } = tf.tidy(() => differentiate(parameters()));
      const arrays = await Promise.all(grads.map(read));
      return { loss: await read(value), ...Object.fromEntries(names.map((name, i) => [name, arrays[i]!])) };
    },
    run: async () => {
      const before = states;
      states = tf.tidy(() => updated(before, differentiate(parameters()).grads, ++steps));
      tf.dispose(before.flat());
    },
    [Symbol.dispose]: () => tf.dispose([...states.flat(), ...Object.values(batch)]),
  };
}

/** AdamW on gradients clipped to their common norm. */
function updated(states: readonly State[], gradients: readonly tf.Tensor[], step: number): State[] {
  const { clip, beta1, beta2, epsilon, learningRate, weightDecay } = update;
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
  const factor = tf.minimum(tf.div(clip, norm), 1);
  return states.map(([parameter, m, v], i) => {
    const gradient = tf.mul(gradients[i]!, factor);
    const mean = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
    const square = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const root = tf.add(tf.mul(tf.sqrt(square), rootCorrection), epsilon);
    const keep = parameter.rank > 1 ? 1 - learningRate * weightDecay : 1;
    return [tf.sub(tf.mul(parameter, keep), tf.div(tf.mul(mean, stepSize), root)), mean, square];
  });
}
