import type { Row, Suite, SuiteOptions } from "@sus/bench-harness";
import { type Device, openDevice } from "@sus/tensor";
import { type Budget, TrainingStep } from "../training/step.ts";

const kept = 30;

/** Times of one step in milliseconds; the parts add up to the whole. */
export interface Times {
  readonly stepMs: number;
  readonly attentionForwardMs: number;
  readonly attentionBackwardMs: number;
  readonly matmulMs: number;
  readonly restMs: number;
}

/** A whole training step of the default model, by parts, with the exact and the sampled backward pass. */
export const suite: Suite = {
  name: "step",
  description:
    `a training step of the default model on n tokens, exact and sampled (c = ${kept}): milliseconds by part, MB at the ` +
    "peak; ratio is exact over sampled, bound what it were if the backward pass of attention cost nothing",
  async *rows(options) {
    for (const n of options.quick ? [1024, 2048] : [1024, 2048, 4096, 8192, 16384]) {
      yield* await measure(n, options);
    }
  },
};

async function measure(n: number, { quick, threads }: SuiteOptions): Promise<Row[]> {
  using device = await openDevice("wasm", { profile: true, ...(threads === undefined ? {} : { threads }) });
  using training = new TrainingStep(device, n);
  const exact: Measured[] = [];
  const sampled: Measured[] = [];
  const rounds = quick || n > 4096 ? 3 : 7;
  for (let round = -1; round < rounds; round++) {
    const pair = [time(device, training, "all"), time(device, training, kept)] as const;
    if (round < 0) continue;
    exact.push(pair[0]);
    sampled.push(pair[1]);
  }
  const [typicalExact, typicalSampled] = [typical(exact), typical(sampled)];
  const row = (estimator: string, c: Budget) => ({ suite: "step", n, estimator, c, threads: device.threads });
  return [
    { ...row("exact", "all"), ...typicalExact },
    { ...row("sampled", kept), ...typicalSampled, ...compare(typicalExact, typicalSampled) },
  ];
}

type Measured = Times & { readonly peakMb: number };

function time(device: Device, training: TrainingStep, c: Budget): Measured {
  device.resetMilliseconds();
  device.resetPeak();
  const start = performance.now();
  training.run(c);
  return { ...partsOf(performance.now() - start, device.milliseconds), peakMb: device.memory.peak / 2 ** 20 };
}

/** Sorts the time of a step by what its kernels' names begin with; the rest is all other kernels and the host. */
export function partsOf(stepMs: number, kernels: ReadonlyMap<string, number>): Times {
  const total = (prefix: string) =>
    [...kernels].reduce((sum, [name, time]) => (name.startsWith(prefix) ? sum + time : sum), 0);
  const [attentionForwardMs, attentionBackwardMs, matmulMs] = [
    total("attentionForward"),
    total("attentionBackward"),
    total("matmul"),
  ];
  const restMs = stepMs - attentionForwardMs - attentionBackwardMs - matmulMs;
  return { stepMs, attentionForwardMs, attentionBackwardMs, matmulMs, restMs };
}

/** The measurement of the median step, whose parts add up as medians of parts would not. */
export function typical<T extends Times>(measured: readonly T[]): T {
  return [...measured].sort((a, b) => a.stepMs - b.stepMs)[measured.length >> 1]!;
}

/** What sampling gained, and what it could have gained at most: an attention backward pass that took no time at all. */
export function compare(exact: Times, sampled: Times): { ratio: number; bound: number; ofBound: number } {
  const ratio = exact.stepMs / sampled.stepMs;
  const bound = exact.stepMs / (exact.stepMs - exact.attentionBackwardMs);
  return { ratio, bound, ofBound: ratio / bound };
}
