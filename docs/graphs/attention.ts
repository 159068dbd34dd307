// Causal attention with one head of width 1, so that every query, key, value, score and output is a node of its own.
import { type Edge, leaf, type Node, operation } from "@sus/graph";

/** The outputs `o_i = Σ_{j ≤ i} W_ij v_j` with `W = softmax(q kᵀ)`, each with an edge of weight W_ij for every pair. */
export function attention(
  q: readonly Node<number>[],
  k: readonly Node<number>[],
  v: readonly Node<number>[],
): readonly Node<number>[] {
  return q.map((query, i) => {
    const scores = k.slice(0, i + 1).map((keyNode) => product("score", query, keyNode));
    const peak = Math.max(...scores.map(({ value }) => value));
    const exponentials = scores.map(({ value }) => Math.exp(value - peak));
    const total = exponentials.reduce((sum, e) => sum + e);
    const weights = exponentials.map((e) => e / total);
    const output = weights.reduce((sum, w, j) => sum + w * v[j]!.value, 0);
    // The softmax is folded into the edge: do_i/ds_ij = W_ij (v_j − o_i), where o_i is exact whatever is cut.
    const edges = weights.map(
      (weight, j): Edge<number> => ({
        label: "pair",
        weight,
        parents: [scores[j]!, v[j]!],
        pullback: (g) => [weight * g * (v[j]!.value - output), weight * g],
      }),
    );
    return { value: output, edges };
  });
}

export function product(label: string, a: Node<number>, b: Node<number>): Node<number> {
  return operation(label, a.value * b.value, [a, b], (g) => [g * b.value, g * a.value]);
}

/** `Σ factors_i · nodes_i`: turns the outputs into a loss whose cotangents are the factors. */
export function weightedSum(nodes: readonly Node<number>[], factors: readonly number[]): Node<number> {
  const value = nodes.reduce((sum, node, i) => sum + factors[i]! * node.value, 0);
  return operation("sum", value, nodes, (g) => factors.map((factor) => factor * g));
}

/** Leaves of the given numbers. */
export function leaves(values: ArrayLike<number>): readonly Node<number>[] {
  return Array.from(values, (value) => leaf(value));
}
