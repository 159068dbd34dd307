// A gated recurrent network on a task with a misleading short way, and three backward passes through time.
import {
  backward,
  bernoulli,
  type Cut,
  type Edge,
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

type Vector = Float64Array;

/** What a step reads: a value and two marks, "early cue" and "late cue". */
const inputs = 3;
export const hidden = 12;
const rowLength = inputs + hidden + 1;
/** A row for each forget gate, one for each candidate, then the weights of the answer. */
export const size: number = 2 * hidden * rowLength + hidden;

export interface Sequence {
  /** [length, inputs] */
  readonly x: Vector;
  /** 1 or 0. */
  readonly answer: number;
}

/** The early cue is the answer; the late cue agrees with it in four of five sequences; the rest is noise. */
export function drawSequence(length: number, key: Key): Sequence {
  const coin = (i: number, probability = 0.5) => (toUniform(independentBits(key, i)) <= probability ? 1 : -1);
  const x = new Float64Array(length * inputs);
  for (let t = 0; t < length; t++) x[inputs * t] = coin(t);
  const answer = coin(length);
  const [early, late] = [2, length - 3];
  x.set([answer, 1, 0], inputs * early);
  x.set([answer * coin(length + 1, 0.8), 0, 1], inputs * late);
  return { x, answer: answer > 0 ? 1 : 0 };
}

/** Small random weights; forget gates that start out remembering for about `length` steps (Tallec, Ollivier 2018). */
export function createRnn(length: number, key: Key): Vector {
  const parameters = Float64Array.from(
    { length: size },
    (_, i) => (toUniform(independentBits(key, i)) - 0.5) * (2 / Math.sqrt(hidden)),
  );
  for (let unit = 0; unit < hidden; unit++) parameters[unit * rowLength + rowLength - 1] = Math.log(length);
  return parameters;
}

/** `state' = f · state + (1 − f) · n` with the gate `f = σ(F [x, state, 1])` and the candidate `n = tanh(N [x, state, 1])`. */
function step(t: number, state: Node<Vector>, parameters: Node<Vector>, x: Vector): Node<Vector> {
  const from = Float64Array.of(...x.subarray(inputs * t, inputs * (t + 1)), ...state.value, 1);
  const gates = new Float64Array(hidden);
  const candidates = new Float64Array(hidden);
  const value = new Float64Array(hidden);
  for (let unit = 0; unit < hidden; unit++) {
    gates[unit] = 1 / (1 + Math.exp(-row(parameters.value, unit, from)));
    candidates[unit] = Math.tanh(row(parameters.value, hidden + unit, from));
    value[unit] = gates[unit]! * state.value[unit]! + (1 - gates[unit]!) * candidates[unit]!;
  }
  return operation(`step ${t}`, value, [state, parameters], (g) => {
    const dState = new Float64Array(hidden);
    const dParameters = new Float64Array(size);
    for (let unit = 0; unit < hidden; unit++) {
      const [f, n] = [gates[unit]!, candidates[unit]!];
      dState[unit]! += g[unit]! * f;
      pullRow(unit, g[unit]! * (state.value[unit]! - n) * f * (1 - f));
      pullRow(hidden + unit, g[unit]! * (1 - f) * (1 - n * n));
    }
    return [dState, dParameters];

    function pullRow(at: number, factor: number): void {
      for (let j = 0; j < rowLength; j++) dParameters[at * rowLength + j]! += factor * from[j]!;
      for (let j = 0; j < hidden; j++) dState[j]! += factor * parameters.value[at * rowLength + inputs + j]!;
    }
  });
}

function row(parameters: Vector, at: number, from: Vector): number {
  let sum = 0;
  for (let j = 0; j < rowLength; j++) sum += parameters[at * rowLength + j]! * from[j]!;
  return sum;
}

/** The mean loss of some sequences in nats: each is a chain of its own, asked for its answer at the end. */
export function lossOf(parameters: Node<Vector>, sequences: readonly Sequence[]): Node<Vector> {
  const losses = sequences.map((sequence) => {
    let state: Node<Vector> = leaf(new Float64Array(hidden));
    for (let t = 0; t < sequence.x.length / inputs; t++) state = step(t, state, parameters, sequence.x);
    return answerLoss(state, parameters, sequence.answer);
  });
  const mean = losses.reduce((sum, { value }) => sum + value[0]!, 0) / losses.length;
  return {
    value: Float64Array.of(mean),
    edges: losses.map((loss) => ({
      label: "mean",
      parents: [loss],
      pullback: (g) => [Float64Array.of(g[0]! / losses.length)],
    })),
  };
}

function answerLoss(state: Node<Vector>, parameters: Node<Vector>, answer: number): Node<Vector> {
  const weights = parameters.value.subarray(size - hidden);
  const logit = weights.reduce((sum, w, unit) => sum + w * state.value[unit]!, 0);
  const loss = Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0) - answer * logit;
  return operation("answer", Float64Array.of(loss), [state, parameters], (g) => {
    const dLogit = g[0]! * (1 / (1 + Math.exp(-logit)) - answer);
    const dParameters = new Float64Array(size);
    dParameters.set(
      state.value.map((h) => dLogit * h),
      size - hidden,
    );
    return [weights.map((w) => dLogit * w), dParameters];
  });
}

type CutOf = (edge: Edge<Vector>) => Cut<Vector> | undefined;

/** Plain truncation: nothing flows further back than `window` steps. Biased. */
export function truncated(length: number, window: number): CutOf {
  return ({ label }) => (label === `step ${length - 1 - window}` ? () => null : undefined);
}

/**
 * Randomised truncation: at the j-th border between windows, counted from the end, the cotangent goes on with
 * probability j/(j + 1) and grows by the inverse. It comes to the k-th window with probability 1/k. Unbiased.
 */
export function randomised(length: number, window: number): CutOf {
  const borders = new Map<string, Cut<Vector>>();
  for (let j = 1; j * window < length; j++) {
    borders.set(`step ${length - 1 - j * window}`, bernoulli(j / (j + 1)));
  }
  return ({ label }) => borders.get(label);
}

/** The gradient of a loss by the parameters. */
export function gradientOf(
  loss: Node<Vector>,
  parameters: Node<Vector>,
  cut?: CutOf,
  random?: Random,
): Vector {
  const options = cut === undefined ? {} : { cut, random: random ?? independent(key(0)) };
  return backward(loss, Float64Array.of(1), { space: float64, ...options }).get(parameters)!;
}

export interface Training {
  readonly steps: number;
  readonly length: number;
  readonly sequences: number;
  readonly seed: number;
  /** Absent: exact. */
  readonly cut?: CutOf;
}

/** Trains by Adam on new sequences each step, and yields their loss before each. */
export function* train(
  parameters: Vector,
  { steps, length, sequences, seed, cut }: Training,
): Generator<number> {
  const update = adam(parameters, 5e-3);
  for (let step = 0; step < steps; step++) {
    const random = fold(key(seed), step);
    const node = leaf(parameters);
    const batch = Array.from({ length: sequences }, (_, i) => drawSequence(length, fold(random, i)));
    const loss = lossOf(node, batch);
    yield loss.value[0]!;
    update(gradientOf(loss, node, cut, independent(fold(random, sequences))));
  }
}
