import { arithmeticCeiling, interleave, type Row, type Suite, threadCounts } from "@sus/bench-harness";
import { fold, independentBits, type Key, key, toUniform } from "@sus/graph";
import { WasmDevice } from "@sus/tensor";
import { type AttentionOptions, attentionBackward, attentionForward } from "./index.ts";

const c = 30;
const d = 64;

/**
 * One head, causal, normal inputs: milliseconds of the exact forward pass, of the same with a sample drawn on the way, of
 * the sampled and of the exact backward pass; "plain" is without the baseline, "two-stage" from 3 c to c kept.
 */
export const suite: Suite = {
  name: "attention",
  description:
    `milliseconds, one causal head of width ${d}, c = ${c} (two-stage: from ${3 * c}, ${c} kept); forwardShare is the forward pass's part of the multiply-add ` +
    "ceiling, sampling what the sample and its backward pass cost in forward passes, baseline what of it the baseline costs, gain exact over sampled training",
  async *rows(options) {
    for (const threads of threadCounts(options)) {
      for (const n of options.quick ? [1024, 2048] : [1024, 2048, 4096, 8192, 16384]) {
        yield await measure(n, threads, options.quick);
      }
    }
  },
};

async function measure(n: number, threads: number, quick: boolean): Promise<Row> {
  using device = await WasmDevice.open({ threads });
  using ceiling = arithmeticCeiling(device);
  using _ = device.scope();
  const [q, k, v, dOut] = [1, 2, 3, 4].map((seed) => device.tensor(normals(n * d, key(seed)), [1, n, 1, d]));
  const forward = (sample?: AttentionOptions["sample"]) =>
    attentionForward(q!, k!, v!, sample === undefined ? {} : { sample });
  const bernoulli = { design: "bernoulli", c, key: key(5) } as const;
  const residuals = forward(bernoulli);
  const plain = forward({ ...bernoulli, baseline: false });
  const twoStage = { design: "two-stage", c, key: key(5) } as const;
  const oversampled = forward(twoStage);
  const passes = {
    forward: () => forward(),
    forwardBernoulli: () => forward(bernoulli),
    forwardBernoulliPlain: () => forward({ ...bernoulli, baseline: false }),
    forwardPriority: () => forward({ design: "priority", c, key: key(5) }),
    forwardTwoStage: () => forward(twoStage),
    backward: () => attentionBackward(residuals, residuals.sample!, dOut!),
    backwardPlain: () => attentionBackward(plain, plain.sample!, dOut!),
    backwardTwoStage: () => attentionBackward(oversampled, oversampled.sample!, dOut!),
    backwardExact: () => attentionBackward(residuals, "all", dOut!),
  };
  const inScope = (pass: () => unknown) => () => {
    using _ = device.scope();
    pass();
  };
  const cases = Object.entries(passes).map(([name, pass]) => [name, inScope(pass)]);
  // About two seconds for each length, were the machine to itself; medians of three where that is not enough.
  const rounds = quick ? 9 : Math.max(3, Math.min(51, Math.round((0.3e9 * threads) / n ** 2)));
  // Engines run new code unoptimised at first.
  for (let warming = 0; warming < 4; warming++) for (const pass of Object.values(passes)) inScope(pass)();
  const { ceiling: ceilingMs, ...times } = await interleave<keyof typeof passes | "ceiling">(
    { ...Object.fromEntries(cases), ceiling: () => ceiling.run() },
    { rounds },
  );
  const ceilingGflops = ceiling.rate(ceilingMs);
  const forwardGflops = (2 * d * n * (n + 1)) / times.forward / 1e6;
  const sampled = times.forwardBernoulli + times.backward;
  const sampledPlain = times.forwardBernoulliPlain + times.backwardPlain;
  return {
    suite: "attention",
    ...{ n, d, c, threads, rows: "gaussian" },
    ...times,
    ceilingGflops,
    forwardShare: forwardGflops / ceilingGflops,
    sampling: (sampled - times.forward) / times.forward,
    samplingPlain: (sampledPlain - times.forward) / times.forward,
    samplingTwoStage: (times.forwardTwoStage + times.backwardTwoStage - times.forward) / times.forward,
    baseline: (sampled - sampledPlain) / times.forward,
    gain: (times.forward + times.backwardExact) / sampled,
  };
}

/** Seeded standard normal numbers. */
function normals(length: number, seed: Key): Float32Array {
  const [radius, angle] = [fold(seed, 0), fold(seed, 1)];
  return Float32Array.from({ length }, (_, i) => {
    const u = toUniform(independentBits(radius, i));
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * toUniform(independentBits(angle, i)));
  });
}
