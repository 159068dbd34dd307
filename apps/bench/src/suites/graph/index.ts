import type { Suite, SuiteOptions } from "@sus/bench-harness";
import { type Device, openDevice } from "@sus/tensor";
import { attention } from "./attention.ts";
import { messages } from "./messages.ts";
import { mlp } from "./mlp.ts";
import { rnn } from "./rnn.ts";
import { measure, type Worked } from "./worked.ts";

/** Each worked graph by the budget of its cut, after as many exact steps of training. */
const graphs: readonly {
  readonly budget: number;
  readonly others: readonly number[];
  readonly make: (budget: number, quick: boolean, device: Device) => Worked | Promise<Worked>;
}[] = [
  {
    budget: 0.4,
    others: [0.9, 0.75, 0.5, 0.25, 0.1, 0.05],
    make: (b, quick, device) => mlp(device, b, quick ? 10 : 100),
  },
  { budget: 16, others: [4, 8, 32], make: (b, quick) => rnn(b, quick ? 0 : 150) },
  { budget: 8, others: [2, 4, 16, 64], make: (b, quick) => messages(b, quick ? 0 : 100) },
  { budget: 8, others: [2, 4, 16, 32], make: (b) => attention(b) },
];

async function* measured(
  budgets: (graph: (typeof graphs)[number]) => readonly number[],
  { quick, threads }: SuiteOptions,
) {
  using device = await openDevice("wasm", { threads: threads ?? 1 });
  for (const graph of graphs) {
    for (const budget of budgets(graph)) {
      using worked = await graph.make(budget, quick, device);
      yield { case: worked.name, budget, ...(await measure(worked, quick)) };
    }
  }
}

/** The worked graphs of the guide: what sampling the backward pass saves, and what it costs. */
export const suite: Suite = {
  name: "graph",
  minutes: 2,
  description: "milliseconds of a backward pass, extra variance over the natural one, share of the work kept",
  async *rows(options) {
    for await (const { budget: _budget, forward: _forward, ...row } of measured(
      ({ budget }) => [budget],
      options,
    ))
      yield { suite: "graph", ...row };
  },
};

/** The same at several budgets, to see where a cut begins to pay. */
export const budgets: Suite = {
  name: "graph-budgets",
  minutes: 8,
  onlyNamed: true,
  description:
    "the worked graphs at several budgets: a share of points, steps a window, messages a package, c",
  async *rows(options) {
    for await (const row of measured(
      ({ budget, others }) => [budget, ...others].sort((a, b) => a - b),
      options,
    )) {
      yield { suite: "graph-budgets", ...row };
    }
  },
};
