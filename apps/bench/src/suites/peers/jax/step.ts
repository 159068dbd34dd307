import { blockUntilReady, jit, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { initialParameters, modelOf, textOf, update } from "../../../training/model.ts";
import type { Side } from "../side.ts";
import { oneHot, rotaryTables } from "../step-inputs.ts";
import { arrayOf, read, threads, useWasm } from "./device.ts";
import { type Batch, lossOf, type Parameters } from "./transformer.ts";

/** Parameters and the averages that AdamW keeps of their gradients and of the squares. */
type State = { parameters: Parameters; m: Parameters; v: Parameters };

/** Forward, backward, clipping and AdamW of the default model, compiled as one. */
export async function step(n: number): Promise<Side> {
  await useWasm();
  const config = modelOf(n);
  const { tokens, targets } = textOf(config);
  const { cosines, sines } = rotaryTables(config);
  const batch: Batch = {
    tokens: arrayOf(oneHot(tokens, config.vocabulary), [n, config.vocabulary]),
    targets: arrayOf(oneHot(targets, config.vocabulary), [n, config.vocabulary]),
    cosines: arrayOf(cosines, [n, 1, config.headWidth / 2]),
    sines: arrayOf(sines, [n, 1, config.headWidth / 2]),
  };
  const differentiate = valueAndGrad((parameters: Parameters, batch: Batch) =>
    lossOf(config, parameters, batch),
  );
  const gradient = jit(differentiate);
  const advance = jit((state: State, batch: Batch, stepSize: np.Array, rootCorrection: np.Array) => {
    const [loss, gradients] = differentiate(tree.ref(state.parameters), batch);
    return [loss, updated(state, gradients, stepSize, rootCorrection)] as [np.Array, State];
  });
  const initial = [...initialParameters(config)];
  const zeros = () => Object.fromEntries(initial.map(([name, { shape }]) => [name, np.zeros([...shape])]));
  let state: State = {
    parameters: Object.fromEntries(initial.map(([name, { data, shape }]) => [name, arrayOf(data, shape)])),
    m: zeros(),
    v: zeros(),
  };
  let steps = 0;
  return {
    threads,
    gradient: async () => {
      const [loss, gradients] = gradient(tree.ref(state.parameters), tree.ref(batch));
      const entries = Object.entries(gradients).map(
        async ([name, array]) => [name, await read(array)] as const,
      );
      return { loss: await read(loss), ...Object.fromEntries(await Promise.all(entries)) };
    },
    run: async () => {
      steps++;
      const stepSize = np.array(update.learningRate / (1 - update.beta1 ** steps));
      const rootCorrection = np.array(1 / Math.sqrt(1 - update.beta2 ** steps));
      const [loss, next] = advance(state, tree.ref(batch), stepSize, rootCorrection);
      await blockUntilReady(next);
      loss.dispose();
      state = next;
    },
    [Symbol.dispose]: () => {
      gradient.dispose();
      advance.dispose();
      tree.dispose(state);
      tree.dispose(batch);
    },
  };
}

/** AdamW on gradients clipped to their common norm. It consumes its arguments. */
function updated(
  { parameters, m, v }: State,
  gradients: Parameters,
  stepSize: np.Array,
  rootCorrection: np.Array,
): State {
  const { clip, beta1, beta2, epsilon, learningRate, weightDecay } = update;
  const squares = Object.values(gradients).map((gradient) => np.square(gradient.ref).sum());
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const factor = np.minimum(np.trueDivide(clip, norm), 1);
  const next: State = { parameters: {}, m: {}, v: {} };
  for (const [name, parameter] of Object.entries(parameters)) {
    const gradient = gradients[name]!.mul(factor.ref);
    const mean = m[name]!.mul(beta1).add(gradient.ref.mul(1 - beta1));
    const square = v[name]!.mul(beta2).add(np.square(gradient).mul(1 - beta2));
    const root = np.sqrt(square.ref).mul(rootCorrection.ref).add(epsilon);
    const keep = parameter.ndim > 1 ? 1 - learningRate * weightDecay : 1;
    next.parameters[name] = parameter.mul(keep).sub(mean.ref.mul(stepSize.ref).div(root));
    next.m[name] = mean;
    next.v[name] = square;
  }
  for (const array of [factor, stepSize, rootCorrection]) array.dispose();
  return next;
}
