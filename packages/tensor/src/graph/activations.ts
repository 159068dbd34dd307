import { type Node, operation } from "@sus/graph";
import { geluBackward, gelu as geluTensor } from "../gelu/index.ts";
import { swigluBackward, swiglu as swigluTensors } from "../swiglu/index.ts";
import type { Tensor } from "../tensor.ts";

/** `gelu` of a node. */
export function gelu(x: Node<Tensor>): Node<Tensor> {
  return operation("gelu", geluTensor(x.value), [x], (cotangent) => [geluBackward(x.value, cotangent)]);
}

/** `swiglu` of nodes. */
export function swiglu(gate: Node<Tensor>, up: Node<Tensor>): Node<Tensor> {
  return operation("swiglu", swigluTensors(gate.value, up.value), [gate, up], (cotangent) => {
    const { dGate, dUp } = swigluBackward(gate.value, up.value, cotangent);
    return [dGate, dUp];
  });
}
