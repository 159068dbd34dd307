/*
 * The operations of @sus/tensor on nodes of @sus/graph, by the same names: each takes nodes, computes the value at once
 * and returns a node whose edge holds the pullback.
 *
 * Values and what pullbacks keep of the forward pass (the statistics of a norm) belong to the innermost open scope:
 * run forward and backward pass inside one, `using step = device.scope()`.
 */
import { leaf as leafOf, type Node } from "@sus/graph";
import type { Tensor } from "../tensor.ts";

export { gelu, swiglu } from "./activations.ts";
export { add, addBias, type MatmulNodeOptions, matmul, reshape, scale } from "./linear.ts";
export { layerNorm, rmsNorm } from "./norms.ts";
export { type Build, recompute } from "./recompute.ts";
export { type KeptRows, keptRows, RowSparse, throughRows } from "./row-sparse.ts";
export { tensors } from "./space.ts";
export { embedding, rotary, softmaxCrossEntropy } from "./tokens.ts";

/** A node that depends on nothing: a parameter or an input. It borrows the tensor. */
export function leaf(tensor: Tensor): Node<Tensor> {
  return leafOf(tensor);
}
