import type { Row, Suite } from "@sus/bench-harness";
import { key } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { train as trainAttention } from "../../../../../docs/graphs/attention.ts";
import { createParameters, cutFanIn, train as trainMessages } from "../../../../../docs/graphs/messages.ts";
import { createMlp, train as trainMlp } from "../../../../../docs/graphs/mlp.ts";
import { createRnn, randomised, train as trainRnn, truncated } from "../../../../../docs/graphs/rnn.ts";
import { length as tokens } from "./attention.ts";
import { asked, workspacePackages } from "./messages.ts";
import { shape as mlpShape } from "./mlp.ts";
import { shape as rnnShape } from "./rnn.ts";

type Losses = AsyncIterable<number> | Iterable<number>;

interface Run {
  readonly steps: number;
  /** Training runs by the name of their gradient, from the same start on the same data. */
  readonly losses: Readonly<Record<string, () => Losses>>;
}

function runs(device: Device, quick: boolean): Readonly<Record<string, Run>> {
  const shortened = (steps: number) => (quick ? Math.ceil(steps / 20) : steps);
  const mlpSteps = shortened(200);
  const rnnSteps = shortened(480);
  const messageSteps = shortened(200);
  const attentionSteps = shortened(160);
  const { width, depth, points } = mlpShape;
  const mlp = (share: number) => () =>
    trainMlp(device, createMlp(device, width, depth, key(0)), { steps: mlpSteps, points, share, seed: 1 });

  const packages = workspacePackages();
  const { length, sequences } = rnnShape;
  const rnn = (cut?: ReturnType<typeof truncated>) => () =>
    trainRnn(createRnn(length, key(0)), {
      steps: rnnSteps,
      length,
      sequences,
      seed: 1,
      ...(cut && { cut }),
    });
  const messages = (fanIn?: ReturnType<typeof cutFanIn>) => () =>
    trainMessages(packages, createParameters(key(0)), {
      steps: messageSteps,
      asked,
      seed: 1,
      ...(fanIn && { fanIn }),
    });

  const attention = (c?: number) => () =>
    trainAttention({ steps: attentionSteps, tokens, seed: 1, ...(c !== undefined && { c }) });

  return {
    mlp: { steps: mlpSteps, losses: { exact: mlp(1), sampled: mlp(0.4) } },
    rnn: {
      steps: rnnSteps,
      losses: { exact: rnn(), sampled: rnn(randomised(length, 16)), truncated: rnn(truncated(length, 43)) },
    },
    messages: {
      steps: messageSteps,
      losses: { exact: messages(), sampled: messages(cutFanIn("systematic", 8)) },
    },
    attention: { steps: attentionSteps, losses: { exact: attention(), sampled: attention(8) } },
  };
}

/** The losses of worked graphs that are trained, eight points along the way. */
export const suite: Suite = {
  name: "graph-training",
  minutes: 10,
  onlyNamed: true,
  description:
    "mean loss over the eighth of the run that ends at this step, from the same start on the same data",
  async *rows({ quick, threads }) {
    using device = await openDevice("wasm", { threads: threads ?? 1 });
    for (const [name, { steps, losses }] of Object.entries(runs(device, quick))) {
      using _scope = device.scope();
      const curves: Record<string, number[]> = {};
      for (const [gradient, run] of Object.entries(losses)) curves[gradient] = await means(run(), steps / 8);
      const points = curves["exact"]!.length;
      for (let i = 0; i < points; i++) {
        const values = Object.entries(curves).map(([gradient, curve]) => [gradient, curve[i]!]);
        const row: Row = { suite: "graph-training", case: name, step: Math.round(((i + 1) * steps) / 8) };
        yield { ...row, ...Object.fromEntries(values) };
      }
    }
  },
};

/** The means over successive stretches of about `length` losses. */
async function means(losses: Losses, length: number): Promise<number[]> {
  const sums: number[] = [];
  const counts: number[] = [];
  let step = 0;
  for await (const loss of losses) {
    const stretch = Math.floor(step++ / length);
    sums[stretch] = (sums[stretch] ?? 0) + loss;
    counts[stretch] = (counts[stretch] ?? 0) + 1;
  }
  return sums.map((sum, i) => sum / counts[i]!);
}
