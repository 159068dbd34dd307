import { fold, key, leaf } from "@sus/graph";
import {
  createRnn,
  drawSequence,
  gradientOf,
  lossOf,
  randomised,
  train,
} from "../../../../../docs/graphs/rnn.ts";
import type { Worked } from "./worked.ts";

export const shape = { length: 128, sequences: 32 } as const;

/** The recurrent network after some exact steps; the budget is the window's length. */
export function rnn(budget: number, warmUp: number): Worked {
  const { length, sequences } = shape;
  const parameters = createRnn(length, key(0));
  for (const _ of train(parameters, { steps: warmUp, length, sequences, seed: 0 })) void _;
  const node = leaf(parameters);
  const batch = (random: ReturnType<typeof key>) =>
    lossOf(
      node,
      Array.from({ length: sequences }, (_, i) => drawSequence(length, fold(random, i))),
    );
  const loss = batch(key(1));
  const cut = randomised(length, budget);
  let steps = 0;
  for (let window = 0; window * budget < length; window++) {
    steps += Math.min(budget, length - window * budget) / (window + 1);
  }
  return {
    name: "rnn",
    budget,
    kept: steps / length,
    forward: () => void batch(key(1)),
    pullBack: (random) => void gradientOf(loss, node, random && cut, random),
    gradient: (random) => gradientOf(loss, node, random && cut, random),
    gradientOfBatch: (index) => gradientOf(batch(fold(key(2), index)), node),
    [Symbol.dispose]: () => {},
  };
}
