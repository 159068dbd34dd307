import { availableParallelism } from "node:os";
import { attentionBackward, attentionForward } from "@sus/attention";
import { arithmeticCeiling, interleave, type Row, type Suite, type SuiteOptions } from "@sus/bench-harness";
import { fold, key } from "@sus/graph";
import { matmul, randomNormal, WasmDevice } from "@sus/tensor";

const [c, d] = [30, 64];

/** The width of the default model and the size of its vocabulary. */
const [width, vocabulary] = [128, 256];

/** What several threads gain over one, both in one run. */
export const suite: Suite = {
  name: "threads",
  minutes: 0.5,
  description:
    `milliseconds on one thread and on all, in turns, and how many times as fast: attention of one causal head of width ${d} ` +
    `(c = ${c}), the matrix products of one layer and of the logits of the default model with their backward passes ` +
    "(dense), on n tokens; the ceiling is a multiply-add loop in registers, which is all that more cores can give",
  unavailable: async () => (availableParallelism() > 1 ? undefined : "it compares cores, there is one"),
  async *rows(options) {
    for (const n of options.quick ? [1024] : [1024, 4096, 16384]) yield* await measure(n, options);
  },
};

/** All work of one length on one thread and on all, in turns: a row for each, and one for the ceiling. */
export async function measure(
  n: number,
  { quick, threads = availableParallelism() }: SuiteOptions,
): Promise<Row[]> {
  using one = await WasmDevice.open({ threads: 1 });
  using all = await WasmDevice.open({ threads });
  using ceilingOfOne = arithmeticCeiling(one);
  using ceilingOfAll = arithmeticCeiling(all);
  const sides = { one: workOn(one, n), all: workOn(all, n) };
  const cases: Record<string, () => void> = {};
  for (const work of Object.keys(sides.one)) {
    for (const side of ["one", "all"] as const) {
      cases[`${work}, ${side}`] = sides[side][work]!;
      // Engines run new code unoptimised at first.
      for (let warming = 0; warming < (n > 1024 ? 0 : 4); warming++) sides[side][work]!();
    }
  }
  const rounds = quick ? 5 : n > 4096 ? 3 : 15;
  const times: Readonly<Record<string, number>> = await interleave(
    { ...cases, "ceiling, one": ceilingOfOne.run, "ceiling, all": ceilingOfAll.run },
    { rounds },
  );
  return [...Object.keys(sides.one), "ceiling"].map((work) => {
    const [oneMs, allMs] = [times[`${work}, one`]!, times[`${work}, all`]!];
    // The loop does as many parts on each thread, all other work is the same.
    const speedup = (oneMs / allMs) * (work === "ceiling" ? threads : 1);
    const row = { suite: "threads", work, n, threads, oneMs, allMs, speedup };
    if (work !== "ceiling") return row;
    return { ...row, oneGflops: ceilingOfOne.rate(oneMs), allGflops: ceilingOfAll.rate(allMs) };
  });
}

/** The work to compare, by name, on inputs that are the same on every device and live as long as it. */
function workOn(device: WasmDevice, n: number): Readonly<Record<string, () => void>> {
  const normal = (stream: number, ...shape: number[]) => randomNormal(device, shape, fold(key(4), stream));
  const inScope = (run: () => unknown) => () => {
    using _ = device.scope();
    run();
  };
  const [q, k, v, dOut] = [
    normal(0, 1, n, 1, d),
    normal(1, 1, n, 1, d),
    normal(2, 1, n, 1, d),
    normal(3, 1, n, 1, d),
  ];
  const sample = { design: "bernoulli", c, key: key(5) } as const;
  const residuals = attentionForward(q, k, v, { sample });
  const products = [
    ...Array.from({ length: 4 }, (): [number, number] => [width, width]),
    [width, 4 * width],
    [4 * width, width],
    [width, vocabulary],
  ].map(([inner, outer], i) => ({
    x: normal(10 + i, n, inner!),
    w: normal(20 + i, inner!, outer!),
    dy: normal(30 + i, n, outer!),
  }));
  return {
    forward: inScope(() => attentionForward(q, k, v, {})),
    backward: inScope(() => attentionBackward(residuals, residuals.sample!, dOut)),
    backwardExact: inScope(() => attentionBackward(residuals, "all", dOut)),
    dense: () => {
      for (const { x, w, dy } of products) {
        using _ = device.scope();
        matmul(x, w);
        matmul(dy, w, { transposeB: true });
        matmul(x, dy, { transposeA: true });
      }
    },
  };
}
