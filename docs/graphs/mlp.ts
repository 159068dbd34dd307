// A deep MLP that tells the arms of a spiral apart, and the cut of rows in its backward pass.
import {
  backward,
  type Cut,
  designs,
  type Edge,
  fold,
  independent,
  independentBits,
  type Key,
  key,
  type Node,
  type Random,
  rows,
  toUniform,
} from "@sus/graph";
import { adamw, type Device, randomNormal, type Tensor } from "@sus/tensor";
import { addBias, gelu, leaf, matmul, softmaxCrossEntropy, tensors } from "@sus/tensor/graph";

export const arms = 5;

/** The parameters: a matrix [in, out] and a bias [out] for each layer. */
export interface Mlp {
  readonly layers: readonly { readonly weight: Node<Tensor>; readonly bias: Node<Tensor> }[];
}

export function createMlp(device: Device, width: number, depth: number, key: Key): Mlp {
  const widths = [2, ...new Array<number>(depth).fill(width), arms];
  const layers = widths.slice(1).map((to, i) => {
    const from = widths[i]!;
    const weight = randomNormal(device, [from, to], fold(key, i), Math.sqrt(2 / from));
    return { weight: leaf(weight), bias: leaf(device.zeros([to])) };
  });
  return { layers };
}

export function parametersOf({ layers }: Mlp): readonly Node<Tensor>[] {
  return layers.flatMap(({ weight, bias }) => [weight, bias]);
}

/** Points on the arms of a spiral, [count, 2], and the arm of each. */
export interface Batch {
  readonly points: Tensor;
  readonly targets: Tensor;
}

export function drawBatch(device: Device, count: number, key: Key): Batch {
  const draw = (i: number) => toUniform(independentBits(key, i));
  const points = new Float32Array(2 * count);
  const targets = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const arm = Math.ceil(draw(4 * i) * arms) - 1;
    const radius = Math.sqrt(draw(4 * i + 1));
    const angle = 2 * Math.PI * (arm / arms + 0.8 * radius) + 1.4 * (draw(4 * i + 2) - 0.5);
    points.set([2 * radius * Math.cos(angle), 2 * radius * Math.sin(angle)], 2 * i);
    targets[i] = arm;
  }
  return { points: device.tensor(points, [count, 2]), targets: device.tensor(targets, [count]) };
}

/** The mean cross-entropy of a batch, in nats, as a node. */
export function lossOf({ layers }: Mlp, { points, targets }: Batch): Node<Tensor> {
  const logits = layers.reduce(
    (x, { weight, bias }, i) => addBias(matmul(i === 0 ? x : gelu(x), weight), bias),
    leaf(points),
  );
  return softmaxCrossEntropy(logits, targets);
}

/** The cut: a share of the points by the norm of their logits' cotangent. The layers behind it see these points alone. */
export function cutRows(loss: Node<Tensor>, share: number): (edge: Edge<Tensor>) => Cut<Tensor> | undefined {
  const logits = loss.edges[0]!.parents[0]!;
  const cut = rows(tensors, designs.systematic, { share });
  return (edge) => (logits.edges.includes(edge) ? cut : undefined);
}

/** The gradients of a loss by the parameters: exact, or from a share of the points. */
export function gradientsOf(
  loss: Node<Tensor>,
  share: number,
  random: Random,
): ReadonlyMap<Node<Tensor>, Tensor> {
  using seed = loss.value.device.tensor(Float32Array.of(1), [1]);
  const sampling = share < 1 ? { cut: cutRows(loss, share), random } : {};
  return backward(loss, seed, { space: tensors, ...sampling });
}

export interface Training {
  readonly steps: number;
  readonly points: number;
  /** Of the points, in the backward pass; 1 is exact. */
  readonly share: number;
  readonly seed: number;
}

/** Trains by AdamW on a new batch each step, and yields the batch's loss before each. */
export async function* train(
  device: Device,
  model: Mlp,
  { steps, points, share, seed }: Training,
): AsyncGenerator<number> {
  const parameters = parametersOf(model);
  const state = parameters.map(({ value }) => ({
    m: device.zeros(value.shape),
    v: device.zeros(value.shape),
  }));
  for (let step = 1; step <= steps; step++) yield await trainOn(step);

  async function trainOn(step: number): Promise<number> {
    using _step = device.scope();
    const random = fold(key(seed), step);
    const loss = lossOf(model, drawBatch(device, points, fold(random, 0)));
    const gradients = gradientsOf(loss, share, independent(fold(random, 1)));
    parameters.forEach((parameter, i) => {
      const gradient = gradients.get(parameter);
      // A parameter that no kept row reached has the estimate 0.
      if (gradient === undefined) return;
      adamw({ parameter: parameter.value, gradient, ...state[i]! }, { step, learningRate: 1e-3 });
    });
    return (await loss.value.read())[0]!;
  }
}
