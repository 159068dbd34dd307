import { median, type Row, type Suite, type SuiteOptions } from "@sus/bench-harness";
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

/** What sampling gained: medians over pairs of steps that ran one after the other. */
export interface Comparison {
  /** The exact step's time over the sampled one's. */
  readonly ratio: number;
  /** The exact step's time over what it takes without its backward pass of attention. */
  readonly bound: number;
  /** `ratio` over `bound`, of each pair. */
  readonly ofBound: number;
}

/** A whole training step of the default model, by parts, with the exact and the sampled backward pass. */
export const suite: Suite = {
  name: "step",
  minutes: 2,
  description:
    `a training step of the default model on n tokens, exact and sampled (c = ${kept}): milliseconds by part, MB of ` +
    "tensors at the peak and MB of the WebAssembly memory (which grows and does not shrink, of 4096 at most); with " +
    "recompute the MLPs are computed twice instead of held. ratio is T / S, T the exact step's time and S that of the " +
    "sampled step beside it; bound is T / (T − D), D the part of T that is the backward pass of attention: what the ratio " +
    "were if sampling and all behind it took no time; ofBound is ratio / bound; all three are medians over the pairs",
  async *rows(options) {
    for (const n of options.quick ? [1024, 2048] : [1024, 2048, 4096, 8192, 16384]) {
      yield* await measure(n, false, options);
    }
    if (options.all !== true || options.quick) return;
    for (const recompute of [false, true]) yield* await measure(32768, recompute, options);
  },
};

async function measure(
  n: number,
  recompute: boolean,
  { quick, threads }: SuiteOptions,
): Promise<readonly Row[]> {
  using device = await openDevice("wasm", { profile: true, ...(threads === undefined ? {} : { threads }) });
  using training = new TrainingStep(device, n, recompute);
  const exact: Measured[] = [];
  const sampled: Measured[] = [];
  const rounds = n > 16384 ? 1 : quick || n > 4096 ? 3 : 7;
  // Where a step takes this long, the engine has optimised its code before the first tenth is over.
  for (let round = n > 16384 ? 0 : -1; round < rounds; round++) {
    const pair = [time(device, training, "all"), time(device, training, kept)] as const;
    if (round < 0) continue;
    exact.push(pair[0]);
    sampled.push(pair[1]);
  }
  const { reserved } = device.memory;
  const row = (estimator: string, c: Budget) => ({
    ...{ suite: "step", n, estimator, c, recompute: recompute ? "yes" : "no", threads: device.threads },
  });
  const reservedMb = reserved / 2 ** 20;
  return [
    { ...row("exact", "all"), ...typical(exact), reservedMb },
    { ...row("sampled", kept), ...typical(sampled), reservedMb, ...compare(exact, sampled) },
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

/** Compares the steps that ran in turns: ratios within a pair hold where the machine's speed drifts. */
export function compare(exact: readonly Times[], sampled: readonly Times[]): Comparison {
  const pairs = exact.map(({ stepMs, attentionBackwardMs }, i) => {
    const ratio = stepMs / sampled[i]!.stepMs;
    const bound = stepMs / (stepMs - attentionBackwardMs);
    return { ratio, bound, ofBound: ratio / bound };
  });
  const middle = (name: keyof Comparison) => median(pairs.map((pair) => pair[name]));
  return { ratio: middle("ratio"), bound: middle("bound"), ofBound: middle("ofBound") };
}
