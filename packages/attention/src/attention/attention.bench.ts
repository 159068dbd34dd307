import {
  arithmeticCeiling,
  type Ceiling,
  interleave,
  type Row,
  type Suite,
  type SuiteOptions,
  threadCounts,
} from "@sus/bench-harness";
import { key } from "@sus/graph";
import { WasmDevice } from "@sus/tensor";
import { measureGrowth } from "./growth.bench.ts";
import { type AttentionOptions, attentionBackward, attentionForward } from "./index.ts";
import { gaussianRows, type LayerRows, type LoadRows, type MeasuredRows } from "./rows.bench.ts";

const c = 30;
const d = 64;

const lengths = [1024, 2048, 4096, 8192, 16384];
const growthLengths = [2048, 4096, 8192, 16384, 32768];

/** What draws the sample; "plain" is without the baseline, "two-stage" from 3 c to c kept. */
const estimators = {
  Bernoulli: { design: "bernoulli", c, key: key(5) },
  BernoulliPlain: { design: "bernoulli", c, key: key(5), baseline: false },
  Systematic: { design: "systematic", c, key: key(5) },
  Priority: { design: "priority", c, key: key(5) },
  TwoStage: { design: "two-stage", c, key: key(5) },
} as const satisfies Readonly<Record<string, AttentionOptions["sample"]>>;
type EstimatorName = keyof typeof estimators;

/** Names of the columns: those of the default estimator have been the shortest from the start. */
const backwardNames = {
  Bernoulli: "backward",
  BernoulliPlain: "backwardPlain",
  Systematic: "backwardSystematic",
  Priority: "backwardPriority",
  TwoStage: "backwardTwoStage",
} as const satisfies Readonly<Record<EstimatorName, string>>;

/**
 * Causal attention: milliseconds of the exact forward pass, of the same with a sample drawn on the way, of the sampled and
 * of the exact backward passes.
 *
 * @param real where there is a trained model: its rows are measured too, all layers and heads together.
 */
export function attentionSuite(real?: LoadRows): Suite {
  return {
    name: "attention",
    minutes: real === undefined ? 2 : 6,
    description:
      `milliseconds, causal, c = ${c} (two-stage: from ${3 * c}, ${c} kept); rows are of one head of width ${d} with normal ` +
      "inputs, or real ones, of all layers and heads of a trained model together; forwardShare is the forward pass's part of " +
      "the multiply-add ceiling, sampling what the sample and its backward pass cost in forward passes, (B − A + C) / A, " +
      "baseline what of it the baseline costs, gain exact over sampled training, (A + D) / (B + C); growth is the factor of " +
      "the sampled backward pass when n doubles, its lengths in turns",
    async *rows(options) {
      for (const threads of threadCounts(options)) {
        using device = await WasmDevice.open({ threads });
        using ceiling = arithmeticCeiling(device);
        yield* measureAll(device, ceiling, options, real);
      }
    },
  };
}

async function* measureAll(
  device: WasmDevice,
  ceiling: Ceiling,
  { quick, all }: SuiteOptions,
  real: LoadRows | undefined,
) {
  for (const n of quick ? lengths.slice(0, 2) : lengths) {
    using rows = gaussianRows(device, n, d);
    yield await measureRows(device, ceiling, rows, { rows: "gaussian", quick, warmUp: n === lengths[0] });
  }
  yield* await measureGrowth(device, {
    ...{ c, lengths: quick ? growthLengths.slice(0, 2) : growthLengths, rounds: quick ? 5 : 15 },
  });
  if (real === undefined) return;
  // All heads of a model at the longest length take minutes.
  const realLengths = lengths.slice(0, quick ? 1 : all ? 5 : 4);
  for (const n of realLengths) {
    using rows = await real(device, n);
    yield await measureRows(device, ceiling, rows, { rows: "real", quick, warmUp: false });
  }
}

export interface MeasureOptions {
  readonly rows: "gaussian" | "real";
  readonly quick: boolean;
  /** Engines run new code unoptimised at first: for the first rows on a device, run all a few times before. */
  readonly warmUp: boolean;
}

/** All passes in turns. Each runs over all layers; what it makes is gone when a layer is done. */
export async function measureRows(
  device: WasmDevice,
  ceiling: Ceiling,
  { layers }: MeasuredRows,
  { rows, quick, warmUp }: MeasureOptions,
): Promise<Row> {
  using _ = device.scope();
  const [, n, , width] = layers[0]!.query.shape as [number, number, number, number];
  const heads = layers.reduce((sum, { query }) => sum + query.shape[2]!, 0);
  const passes = passesOf(device, layers);
  if (warmUp) for (let run = 0; run < 4; run++) for (const pass of Object.values(passes)) pass();
  // Some seconds for each length, were the machine to itself; medians of three where that is not enough.
  const budget = (0.3e9 * device.threads) / (heads * n ** 2);
  const rounds = quick ? (rows === "real" ? 3 : 9) : Math.max(3, Math.min(51, Math.round(budget)));
  const { ceiling: ceilingMs, ...times } = await interleave({ ...passes, ceiling: ceiling.run }, { rounds });
  const ceilingGflops = ceiling.rate(ceilingMs);
  const forwardGflops = (2 * heads * width * n * (n + 1)) / times.forward / 1e6;
  const sampled = (name: EstimatorName) => times[`forward${name}`] + times[backwardNames[name]];
  const sampling = (name: EstimatorName) => (sampled(name) - times.forward) / times.forward;
  return {
    suite: "attention",
    ...{ n, d: width, c, threads: device.threads, rows, heads },
    ...times,
    ceilingGflops,
    forwardShare: forwardGflops / ceilingGflops,
    sampling: sampling("Bernoulli"),
    samplingPlain: sampling("BernoulliPlain"),
    samplingSystematic: sampling("Systematic"),
    samplingPriority: sampling("Priority"),
    samplingTwoStage: sampling("TwoStage"),
    baseline: sampling("Bernoulli") - sampling("BernoulliPlain"),
    gain: (times.forward + times.backwardExact) / sampled("Bernoulli"),
  };
}

type PassName =
  | "forward"
  | `forward${EstimatorName}`
  | (typeof backwardNames)[EstimatorName]
  | "backwardExact";

/** The passes by name, over all layers; the samples that the backward passes start from live in the innermost scope. */
function passesOf(device: WasmDevice, layers: readonly LayerRows[]): Record<PassName, () => void> {
  const forward = ({ query, key: keys, value }: LayerRows, sample?: AttentionOptions["sample"]) =>
    attentionForward(query, keys, value, sample === undefined ? {} : { sample });
  const overLayers = (pass: (layer: LayerRows, index: number) => unknown) => () => {
    for (const [index, layer] of layers.entries()) {
      using _ = device.scope();
      pass(layer, index);
    }
  };
  const exact = layers.map((layer) => forward(layer));
  const sampledPasses = (Object.keys(estimators) as EstimatorName[]).flatMap((name) => {
    const sample = estimators[name];
    const residuals = layers.map((layer) => forward(layer, sample));
    return [
      [`forward${name}`, overLayers((layer) => forward(layer, sample))],
      [
        backwardNames[name],
        overLayers(({ dOut }, i) => attentionBackward(residuals[i]!, residuals[i]!.sample!, dOut)),
      ],
    ];
  });
  return Object.fromEntries([
    ["forward", overLayers((layer) => forward(layer))],
    ...sampledPasses,
    ["backwardExact", overLayers(({ dOut }, i) => attentionBackward(exact[i]!, "all", dOut))],
  ]) as Record<PassName, () => void>;
}
