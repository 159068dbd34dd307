// Message passing on a graph with hubs, and the cut of a hub's fan-in by the weights of its edges.
import {
  backward,
  type DesignName,
  designs,
  type Edge,
  type FanIn,
  fanIn,
  float64,
  fold,
  independent,
  independentBits,
  type Key,
  key,
  leaf,
  type Node,
  operation,
  type Random,
  toUniform,
} from "@sus/graph";
import { adam } from "./adam.ts";
import type { Package } from "./packages.ts";

type Vector = Float64Array;

/** Numbers that a package has between two rounds; at first they are its features and zeros. */
export const width = 16;
/** Rows of the message's matrix take the sender, the receiver and 1; rows of the update's the state, the messages and 1. */
const rowLength = 2 * width + 1;
const rounds = 2;
const matrix = width * rowLength;
/** For each round a matrix for messages and one for updates, then the weights of the answer. */
const sizes = [...Array.from({ length: 2 * rounds }, () => matrix), width + 1];

/** All parameters in one vector, and each part of it as a leaf of the graph. */
export function createParameters(key: Key): Vector {
  const total = sizes.reduce((sum, size) => sum + size);
  return Float64Array.from({ length: total }, (_, i) => (toUniform(independentBits(key, i)) - 0.5) / 2);
}

export function leavesOf(parameters: Vector): readonly Node<Vector>[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return leaf(parameters.subarray(end - size, end));
  });
}

/** `tanh(M [a, b, 1])` for the matrix M that the parameters are. */
function layer(label: string, a: Node<Vector>, b: Node<Vector>, parameters: Node<Vector>): Node<Vector> {
  const from = Float64Array.of(...a.value, ...b.value, 1);
  const value = new Float64Array(width);
  for (let unit = 0; unit < width; unit++) {
    let sum = 0;
    const row = unit * rowLength;
    for (let j = 0; j < rowLength; j++) sum += parameters.value[row + j]! * from[j]!;
    value[unit] = Math.tanh(sum);
  }
  return operation(label, value, [a, b, parameters], (g) => {
    const dFrom = new Float64Array(rowLength);
    const dParameters = new Float64Array(matrix);
    for (let unit = 0; unit < width; unit++) {
      const factor = g[unit]! * (1 - value[unit]! ** 2);
      const row = unit * rowLength;
      for (let j = 0; j < rowLength; j++) {
        dParameters[row + j] = factor * from[j]!;
        dFrom[j]! += factor * parameters.value[row + j]!;
      }
    }
    return [dFrom.slice(0, width), dFrom.slice(width, 2 * width), dParameters];
  });
}

/** The sum of the messages from all packages below, each a layer of its own, weighted by `2^(1 − steps)/√n`. */
function gather(
  below: Package["below"],
  states: readonly Node<Vector>[],
  to: Node<Vector>,
  parameters: Node<Vector>,
): Node<Vector> {
  const value = new Float64Array(width);
  const edges = below.map(({ index, steps }): Edge<Vector> => {
    const weight = 2 ** (1 - steps) / Math.sqrt(below.length);
    const message = layer("message", states[index]!, to, parameters);
    message.value.forEach((m, unit) => {
      value[unit]! += weight * m;
    });
    return { label: "gather", weight, parents: [message], pullback: (g) => [g.map((x) => weight * x)] };
  });
  return { value, edges };
}

/** The mean squared error of the answers for the packages `asked`, after two rounds of messages. */
export function lossOf(
  packages: readonly Package[],
  asked: readonly number[],
  leaves: readonly Node<Vector>[],
): Node<Vector> {
  let states: readonly Node<Vector>[] = packages.map(({ features }) => {
    const state = new Float64Array(width);
    state.set(features);
    return leaf(state);
  });
  for (let round = 0; round < rounds; round++) {
    const [forMessages, forUpdates] = [leaves[2 * round]!, leaves[2 * round + 1]!];
    const before = states;
    states = packages.map(({ below }, i) => {
      const gathered = gather(below, before, before[i]!, forMessages);
      return layer("update", before[i]!, gathered, forUpdates);
    });
  }
  return meanSquare(
    asked.map((i) => states[i]!),
    asked.map((i) => packages[i]!.target),
    leaves.at(-1)!,
  );
}

function meanSquare(
  states: readonly Node<Vector>[],
  targets: readonly number[],
  weights: Node<Vector>,
): Node<Vector> {
  let sum = 0;
  const edges = states.map((state, i): Edge<Vector> => {
    const answer = state.value.reduce(
      (total, x, unit) => total + x * weights.value[unit]!,
      weights.value[width]!,
    );
    const error = answer - targets[i]!;
    sum += error ** 2;
    const factor = (2 * error) / states.length;
    return {
      label: "answer",
      parents: [state, weights],
      pullback: ([g]) => [
        weights.value.slice(0, width).map((w) => w * factor * g!),
        Float64Array.of(...state.value, 1).map((x) => x * factor * g!),
      ],
    };
  });
  return { value: Float64Array.of(sum / states.length), edges };
}

/** The cut: of the messages into one package about `count`, by their weights. */
export function cutFanIn(
  design: DesignName,
  count: number,
): (node: Node<Vector>) => FanIn<Vector> | undefined {
  const decide = fanIn<Vector>(designs[design], count);
  return ({ edges }) => (edges[0]!.label === "gather" ? decide : undefined);
}

/** The gradient of a loss by all parameters, as one vector. */
export function gradientOf(
  loss: Node<Vector>,
  leaves: readonly Node<Vector>[],
  sampling: { fanIn?: (node: Node<Vector>) => FanIn<Vector> | undefined; random?: Random } = {},
): Vector {
  const gradients = backward(loss, Float64Array.of(1), { space: float64, ...sampling });
  return Float64Array.from(
    leaves.flatMap((node) => [...(gradients.get(node) ?? new Float64Array(node.value.length))]),
  );
}

/** `count` different packages. */
export function drawAsked(packages: readonly Package[], count: number, key: Key): readonly number[] {
  const order = packages.map((_, i) => ({ i, at: toUniform(independentBits(key, i)) }));
  return order
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ i }) => i);
}

export interface Training {
  readonly steps: number;
  readonly asked: number;
  readonly seed: number;
  /** Absent: exact. */
  readonly fanIn?: (node: Node<Vector>) => FanIn<Vector> | undefined;
}

/** Trains by Adam, each step on some of the packages, and yields their loss before it. */
export function* train(
  packages: readonly Package[],
  parameters: Vector,
  { steps, asked, seed, fanIn }: Training,
): Generator<number> {
  const update = adam(parameters, 5e-3);
  for (let step = 0; step < steps; step++) {
    const random = fold(key(seed), step);
    const leaves = leavesOf(parameters);
    const loss = lossOf(packages, drawAsked(packages, asked, fold(random, 0)), leaves);
    yield loss.value[0]!;
    const sampling = fanIn === undefined ? {} : { fanIn, random: independent(fold(random, 1)) };
    update(gradientOf(loss, leaves, sampling));
  }
}
