import type { Transformer } from "@sus/attention";
import { backward, type Node } from "@sus/graph";
import type { Tensor } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import type { Batch } from "../text/batches.ts";
import { forward } from "../train/differentiate.ts";

/** What a layer's attention is computed from: [b, n, hq, d], [b, n, hkv, d] and [b, n, hkv, d]. */
export interface AttentionInputs {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** A layer's attention with the gradient that reaches it. */
export interface AttentionRows extends AttentionInputs {
  /** The cotangent of the output, [b, n, hq, d]. */
  readonly dOut: Tensor;
}

/** What the attention layers of a graph are computed from, the first layer first. */
export function attentionInputs(output: Node<Tensor>): AttentionInputs[] {
  return attentionNodes(output).map(inputsOf);
}

/**
 * The real rows of every layer: a forward and an exact backward pass over a batch of sequences of `length` tokens. The
 * tensors are the caller's to dispose.
 */
export function attentionRows(model: Transformer, batch: Batch, length: number): AttentionRows[] {
  const { device } = model;
  using scope = device.scope();
  const { loss } = forward(model, batch, length, { c: "all" });
  const nodes = attentionNodes(loss);
  const seed = device.tensor(Float32Array.of(1), [1]);
  const cotangents = backward(loss, seed, { space: tensors, keep: new Set(nodes) });
  const kept = (tensor: Tensor) => scope.keep(tensor.share());
  return nodes.map((node) => {
    const { query, key, value } = inputsOf(node);
    return {
      ...{ query: kept(query), key: kept(key), value: kept(value) },
      dOut: kept(cotangents.get(node)!),
    };
  });
}

function attentionNodes(output: Node<Tensor>): Node<Tensor>[] {
  const found: Node<Tensor>[] = [];
  const seen = new Set<Node<Tensor>>();
  const stack = [output];
  // What a layer is computed from lies behind it, so a walk from the output meets the last layer first.
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.edges.some(({ label }) => label === "attention")) found.unshift(node);
    for (const { parents } of node.edges) stack.push(...parents);
  }
  return found;
}

function inputsOf(node: Node<Tensor>): AttentionInputs {
  const [query, key, value] = node.edges[0]!.parents.map((parent) => parent.value);
  return { query: query!, key: key!, value: value! };
}
