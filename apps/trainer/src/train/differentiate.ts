import type { Estimator, Kept, LossOptions, Transformer } from "@sus/attention";
import { backward, type Node } from "@sus/graph";
import type { Tensor } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import { nextTurn } from "../next-turn.ts";
import type { Batch } from "../text/batches.ts";

export interface Differentiated {
  /** Mean cross-entropy in nats a token, with its graph. */
  readonly loss: Node<Tensor>;
  /** A gradient for each parameter, by name. */
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly kept: Kept;
}

/** The forward pass of a batch of sequences of `context` tokens, in the innermost scope. */
export function forward(
  model: Transformer,
  { tokens, targets }: Batch,
  context: number,
  estimator: Estimator,
  options: LossOptions = {},
): ReturnType<Transformer["loss"]> {
  const upload = (data: Uint32Array) => model.device.tensor(data, [data.length / context, context]);
  return model.loss(upload(tokens), upload(targets), estimator, options);
}

/** Forward and backward pass of a batch, in the innermost scope. */
export async function differentiate(
  model: Transformer,
  batch: Batch,
  context: number,
  estimator: Estimator,
  options: LossOptions = {},
): Promise<Differentiated> {
  const { device } = model;
  const { loss, leaves, kept } = forward(model, batch, context, estimator, options);
  // A Ctrl-C is heard between the passes.
  await nextTurn();
  const seed = device.tensor(Float32Array.of(1), [1]);
  const cotangents = backward(loss, seed, { space: tensors });
  const gradients = new Map(
    [...leaves].map(([name, leaf]) => [name, cotangents.get(leaf) ?? device.zeros(leaf.value.shape)]),
  );
  return { loss, gradients, kept };
}

/** The numbers of tensors one after the other. */
export async function readFlat(tensors: Iterable<Tensor>): Promise<Float32Array> {
  const all = [...tensors];
  const flat = new Float32Array(all.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const tensor of all) {
    flat.set(await tensor.read(), offset);
    offset += tensor.size;
  }
  return flat;
}
