import {
  type AttentionOptions,
  attentionBackward,
  attentionForward,
  type Estimator,
  type Transformer,
} from "@sus/attention";
import { fold } from "@sus/graph";
import type { Tensor } from "@sus/tensor";
import { type AttentionRows, attentionRows } from "../model/attention-layers.ts";
import { nextTurn } from "../next-turn.ts";
import { median } from "../run-folder/summary.ts";
import type { Batch } from "../text/batches.ts";
import type { BetweenPasses } from "./measure.ts";

/** What sampling the gradient of attention costs, in exact forward passes A of it. */
export interface TimeShares {
  /** B/A − 1: what drawing the sample adds to the forward pass. */
  readonly forward: number;
  /** C/A: the sampled backward pass, thinning included. */
  readonly backward: number;
  /** (B − A + C)/A. */
  readonly share: number;
  /** A, of the rows that were timed. */
  readonly exactMilliseconds: number;
}

export interface TimesPlan {
  readonly estimators: readonly Estimator[];
  readonly rounds: number;
  readonly between: BetweenPasses;
}

/** Up to this length all heads are timed, of longer sequences fewer. */
const wholeLength = 2048;

/** So many estimators share an exact pass to be compared with, the one just before them. */
const sharing = 3;

/**
 * Times attention with each estimator on the real rows of a sequence: in turns, each against an exact forward pass that ran
 * just before, so that a machine whose speed drifts meets both alike; medians over rounds. Of sequences above 2048 tokens in
 * proportion fewer heads a layer, one at least, another one in each layer. Null for what draws nothing: the exact gradient, and
 * the control "top-k", which is not made for speed.
 */
export async function measureTimes(
  model: Transformer,
  batch: Batch,
  length: number,
  { estimators, rounds, between }: TimesPlan,
): Promise<(TimeShares | null)[]> {
  using _ = model.device.scope();
  const layers: AttentionRows[] = [];
  try {
    for (const [layer, rows] of attentionRows(model, batch, length).entries()) {
      layers.push(await fewerHeads(rows, layer, Math.ceil((model.config.heads * wholeLength) / length)));
    }
    const passes: Passes[][] = estimators.map(() => []);
    // The first round is not counted: engines run new code unoptimised.
    for (let round = -1; round < rounds; round++) {
      let exact = 0;
      for (const [index, estimator] of estimators.entries()) {
        between();
        if (index % sharing === 0) exact = (await timePass(layers, { c: "all" })).forward;
        if (estimator.c === "all" || estimator.design === "top-k") continue;
        const sampled = await timePass(layers, estimator);
        if (round >= 0) passes[index]!.push({ ...sampled, exact });
        await nextTurn();
      }
    }
    return passes.map((of) => (of.length === 0 ? null : sharesOf(of)));
  } finally {
    for (const tensor of layers.flatMap((rows) => Object.values(rows))) tensor[Symbol.dispose]();
  }
}

/** Milliseconds of one round. */
interface Passes {
  readonly forward: number;
  readonly backward: number;
  readonly exact: number;
}

function sharesOf(passes: readonly Passes[]): TimeShares {
  return {
    forward: median(passes.map(({ forward, exact }) => forward / exact - 1)),
    backward: median(passes.map(({ backward, exact }) => backward / exact)),
    share: median(passes.map(({ forward, backward, exact }) => (forward + backward) / exact - 1)),
    exactMilliseconds: median(passes.map(({ exact }) => exact)),
  };
}

/** Milliseconds of all layers' forward passes, and of their sampled backward passes. */
async function timePass(
  layers: readonly AttentionRows[],
  estimator: Estimator,
): Promise<{ forward: number; backward: number }> {
  const total = { forward: 0, backward: 0 };
  for (const [layer, { query, key, value, dOut }] of layers.entries()) {
    const { device } = query;
    using _ = device.scope();
    const options = optionsOf(estimator, layer, query.shape[2]!);
    const time = async <R>(pass: () => R): Promise<[R, number]> => {
      const start = performance.now();
      const result = pass();
      await device.settle();
      return [result, performance.now() - start];
    };
    const [residuals, forward] = await time(() => attentionForward(query, key, value, options));
    total.forward += forward;
    if (residuals.sample === undefined) continue;
    const { sample } = residuals;
    total.backward += (await time(() => attentionBackward(residuals, sample, dOut)))[1];
  }
  return total;
}

/** What one layer, of which so many heads are timed, draws with an estimator. */
export function optionsOf(estimator: Estimator, layer: number, heads: number): AttentionOptions {
  if (estimator.c === "all" || estimator.design === "top-k") return {};
  const { c, key, design = "bernoulli", ...rest } = estimator;
  const budget = typeof c === "number" ? c : c[layer]!;
  if (budget === "all") return {};
  const own = "k0" in key ? fold(key, layer) : key[layer]!;
  const ofHeads =
    typeof budget === "number"
      ? budget
      : timedHeads(layer, heads, budget.length).map((head) => budget[head]!);
  return { sample: { ...rest, design, c: ofHeads, key: own } };
}

/** Which heads of a layer are timed: all in their order, or some from the layer's number on, another one in each layer. */
function timedHeads(layer: number, count: number, heads: number): number[] {
  const first = count < heads ? layer : 0;
  return Array.from({ length: count }, (_, i) => (first + i) % heads);
}

/** The rows of `count` heads in place of those of all; the others are disposed. */
async function fewerHeads(rows: AttentionRows, layer: number, count: number): Promise<AttentionRows> {
  const [heads, keyHeads] = [rows.query.shape[2]!, rows.key.shape[2]!];
  // Where query heads share keys, all are taken: a part of them would not be a problem of its own.
  if (count >= heads || heads !== keyHeads) return rows;
  const chosen = timedHeads(layer, count, heads);
  const taken: Tensor[] = [];
  for (const tensor of [rows.query, rows.key, rows.value, rows.dOut]) {
    taken.push(await takeHeads(tensor, chosen));
    tensor[Symbol.dispose]();
  }
  const [query, key, value, dOut] = taken as [Tensor, Tensor, Tensor, Tensor];
  return { query, key, value, dOut };
}

async function takeHeads(tensor: Tensor, chosen: readonly number[]): Promise<Tensor> {
  const [batch, length, heads, depth] = tensor.shape as [number, number, number, number];
  const all = await tensor.read();
  const some = new Float32Array(batch * length * chosen.length * depth);
  for (let row = 0; row < batch * length; row++) {
    for (const [i, head] of chosen.entries()) {
      const begin = (row * heads + head) * depth;
      some.set(all.subarray(begin, begin + depth) as Float32Array, (row * chosen.length + i) * depth);
    }
  }
  return tensor.device.tensor(some, [batch, length, chosen.length, depth]);
}
