import { type Node, operation } from "@sus/graph";
import { geluBackward, gelu as geluTensor } from "../gelu/index.ts";
import { swigluBackward, swiglu as swigluTensors } from "../swiglu/index.ts";
import type { Tensor } from "../tensor.ts";
import { throughRows } from "./row-sparse.ts";

/** `gelu` of a node. */
export function gelu(x: Node<Tensor>): Node<Tensor> {
  return operation("gelu", geluTensor(x.value), [x], (cotangent) =>
    throughRows(cotangent, [x.value], 0, (dOut, rows) => [geluBackward(rows!, dOut)]),
  );
}

/** `swiglu` of nodes. */
export function swiglu(gate: Node<Tensor>, up: Node<Tensor>): Node<Tensor> {
  return operation("swiglu", swigluTensors(gate.value, up.value), [gate, up], (cotangent) =>
    throughRows(cotangent, [gate.value, up.value], 0, (dOut, gateRows, upRows) => {
      const { dGate, dUp } = swigluBackward(gateRows!, upRows!, dOut);
      return [dGate, dUp];
    }),
  );
}
