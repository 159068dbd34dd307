import { type Node, operation } from "@sus/graph";
import { add as addTensors } from "../add/index.ts";
import { addBias as addBiasTensors, sumRows } from "../bias/index.ts";
import { matmul as matmulTensors } from "../matmul/index.ts";
import { scale as scaleTensor } from "../scale/index.ts";
import type { Tensor } from "../tensor.ts";
import { collect } from "./collect.ts";
import { throughRows } from "./row-sparse.ts";

export interface MatmulNodeOptions {
  /** `a` is stored as [k, m]. */
  readonly transposeA?: boolean;
  /** `b` is stored as [n, k]. */
  readonly transposeB?: boolean;
}

/**
 * `matmul` of nodes: `op(a) · op(b)`. With C the product, `dA = dC · op(B)ᵀ` and `dB = op(A)ᵀ · dC`, from
 * the kept rows of dC alone where some are cut (not with `transposeA`, where they are columns of dA).
 */
export function matmul(
  a: Node<Tensor>,
  b: Node<Tensor>,
  { transposeA = false, transposeB = false }: MatmulNodeOptions = {},
): Node<Tensor> {
  const out = matmulTensors(a.value, b.value, { transposeA, transposeB });
  return operation("matmul", out, [a, b], (cotangent) =>
    transposeA
      ? collect(
          () => matmulTensors(b.value, cotangent, { transposeA: transposeB, transposeB: true }),
          () => gradientOfB(a.value, cotangent),
        )
      : throughRows(cotangent, [a.value], 1, (dC, x) =>
          collect(
            () => matmulTensors(dC, b.value, { transposeB: !transposeB }),
            () => gradientOfB(x!, dC),
          ),
        ),
  );

  function gradientOfB(x: Tensor, dC: Tensor): Tensor {
    return transposeB
      ? matmulTensors(dC, x, { transposeA: true, transposeB: transposeA })
      : matmulTensors(x, dC, { transposeA: !transposeA });
  }
}

/** `addBias` of nodes: the cotangent passes to `x`, its sum over the rows to `bias`. */
export function addBias(x: Node<Tensor>, bias: Node<Tensor>): Node<Tensor> {
  return operation("addBias", addBiasTensors(x.value, bias.value), [x, bias], (cotangent) =>
    throughRows(cotangent, [], 1, (rows) =>
      collect(
        () => rows.share(),
        () => sumRows(rows),
      ),
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
  return operation("scale", scaleTensor(x.value, factor), [x], (cotangent) =>
    throughRows(cotangent, [], 0, (rows) => [scaleTensor(rows, factor)]),
  );
}

/** The same numbers in another shape of the same size. */
export function reshape(x: Node<Tensor>, shape: readonly number[]): Node<Tensor> {
  return operation("reshape", x.value.reshape(shape), [x], (cotangent) => [cotangent.reshape(x.value.shape)]);
}
