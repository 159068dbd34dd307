import { type Node, operation } from "@sus/graph";
import { add as addTensors } from "../add/index.ts";
import { addBias as addBiasTensors, sumRows } from "../bias/index.ts";
import { matmul as matmulTensors } from "../matmul/index.ts";
import { scale as scaleTensor } from "../scale/index.ts";
import type { Tensor } from "../tensor.ts";
import { collect } from "./space.ts";

export interface MatmulNodeOptions {
  /** `a` is stored as [k, m]. */
  readonly transposeA?: boolean;
  /** `b` is stored as [n, k]. */
  readonly transposeB?: boolean;
}

/** `matmul` of nodes: `op(a) · op(b)`. With C the product, `dA = dC · op(B)ᵀ` and `dB = op(A)ᵀ · dC`. */
export function matmul(
  a: Node<Tensor>,
  b: Node<Tensor>,
  { transposeA = false, transposeB = false }: MatmulNodeOptions = {},
): Node<Tensor> {
  const out = matmulTensors(a.value, b.value, { transposeA, transposeB });
  return operation("matmul", out, [a, b], (cotangent) =>
    collect(
      () =>
        transposeA
          ? matmulTensors(b.value, cotangent, { transposeA: transposeB, transposeB: true })
          : matmulTensors(cotangent, b.value, { transposeB: !transposeB }),
      () =>
        transposeB
          ? matmulTensors(cotangent, a.value, { transposeA: true, transposeB: transposeA })
          : matmulTensors(a.value, cotangent, { transposeA: !transposeA }),
    ),
  );
}

/** `addBias` of nodes: the cotangent passes to `x`, its sum over the rows to `bias`. */
export function addBias(x: Node<Tensor>, bias: Node<Tensor>): Node<Tensor> {
  return operation("addBias", addBiasTensors(x.value, bias.value), [x, bias], (cotangent) =>
    collect(
      () => cotangent.share(),
      () => sumRows(cotangent),
    ),
  );
}

/** `add` of nodes: the cotangent passes to both. */
export function add(a: Node<Tensor>, b: Node<Tensor>): Node<Tensor> {
  return operation("add", addTensors(a.value, b.value), [a, b], (cotangent) => [
    cotangent.share(),
    cotangent.share(),
  ]);
}

/** `scale` of a node by a constant. */
export function scale(x: Node<Tensor>, factor: number): Node<Tensor> {
  return operation("scale", scaleTensor(x.value, factor), [x], (cotangent) => [
    scaleTensor(cotangent, factor),
  ]);
}

/** The same numbers in another shape of the same size. */
export function reshape(x: Node<Tensor>, shape: readonly number[]): Node<Tensor> {
  return operation("reshape", x.value.reshape(shape), [x], (cotangent) => [cotangent.reshape(x.value.shape)]);
}
