// Causal attention with one head of width 1, so that every query, key, value, score and output is a node of its own.
import {
  backward,
  byWeight,
  type Edge,
  fold,
  independent,
  independentBits,
  type Key,
  key,
  leaf,
  type Node,
  numbers,
  operation,
  type Random,
  toUniform,
} from "@sus/graph";
import { adam } from "./adam.ts";

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

/** Outputs for some tokens, whose queries, keys and values are the tokens times a weight each. */
export function project(
  weights: readonly Node<number>[],
  tokens: readonly Node<number>[],
): readonly Node<number>[] {
  const [q, k, v] = weights.map((weight) => tokens.map((token) => product("project", weight, token)));
  return attention(q!, k!, v!);
}

/** `count` tokens in (−1, 1]. */
export function drawTokens(count: number, key: Key): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => 2 * toUniform(independentBits(key, i)) - 1);
}

/** The mean square of the distances to `targets`. */
function meanSquare(nodes: readonly Node<number>[], targets: readonly number[]): Node<number> {
  const errors = nodes.map(({ value }, i) => value - targets[i]!);
  const value = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
  return operation("meanSquare", value, nodes, (g) => errors.map((error) => (2 * g * error) / errors.length));
}

export interface Training {
  readonly steps: number;
  readonly tokens: number;
  readonly seed: number;
  /** Of the rule min(1, c·W); absent: exact. */
  readonly c?: number;
}

/** Learns by Adam what attention with the weights (3, 3, 1) answers, and yields the loss before each step. */
export function* train({ steps, tokens, seed, c }: Training): Generator<number> {
  const parameters = Float64Array.of(1, 1, 0.5);
  const update = adam(parameters, 0.05);
  for (let step = 0; step < steps; step++) {
    const random = fold(key(seed), step);
    const drawn = leaves(drawTokens(tokens, fold(random, 0)));
    const teacher = project(leaves([3, 3, 1]), drawn);
    const weights = leaves(parameters);
    const loss = meanSquare(
      project(weights, drawn),
      teacher.map(({ value }) => value),
    );
    yield loss.value;
    const gradients = backward(loss, 1, { space: numbers, ...sampling(c, independent(fold(random, 1))) });
    update(weights.map((node) => gradients.get(node) ?? 0));
  }
}

function sampling(c: number | undefined, random: Random) {
  return c === undefined ? {} : { cut: byWeight<number>(c), random };
}
