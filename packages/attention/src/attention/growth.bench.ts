import { interleave, type Row } from "@sus/bench-harness";
import { key } from "@sus/graph";
import type { WasmDevice } from "@sus/tensor";
import { attentionBackward, attentionForward } from "./index.ts";
import { gaussianRows } from "./rows.bench.ts";

const d = 64;

/**
 * The sampled backward pass, with the baseline and without, at lengths that double: a row for each, and in it the factor to
 * the length before. All lengths run in turns, so a factor compares times of the same seconds.
 */
export async function measureGrowth(
  device: WasmDevice,
  { c, lengths, rounds }: { c: number; lengths: readonly number[]; rounds: number },
): Promise<Row[]> {
  using _ = device.scope();
  const passes = lengths.flatMap((n) => {
    const [layer] = gaussianRows(device, n, d).layers;
    const { query, key: keys, value, dOut } = layer!;
    return ([true, false] as const).map((baseline): [string, () => void] => {
      const sample = { design: "bernoulli", c, key: key(5), baseline } as const;
      const residuals = attentionForward(query, keys, value, { sample });
      const run = () => {
        using _ = device.scope();
        attentionBackward(residuals, residuals.sample!, dOut);
      };
      return [nameOf(n, baseline), run];
    });
  });
  const times = await interleave(Object.fromEntries(passes), { rounds });
  return lengths.map((n, i) => {
    const [backward, backwardPlain] = [times[nameOf(n, true)]!, times[nameOf(n, false)]!];
    const before = lengths[i - 1];
    const factors = before === undefined ? {} : growth(n / before);
    return {
      ...{ suite: "attention", n, d, c, threads: device.threads, rows: "gaussian", heads: 1 },
      ...{ backward, backwardPlain, ...factors },
    };

    function growth(times_: number) {
      // A factor per doubling, whatever the step between two lengths.
      const perDoubling = (now: number, then: number) => (now / then) ** (1 / Math.log2(times_));
      return {
        growth: perDoubling(backward, times[nameOf(before!, true)]!),
        growthPlain: perDoubling(backwardPlain, times[nameOf(before!, false)]!),
      };
    }
  });
}

function nameOf(n: number, baseline: boolean): string {
  return `${n}, ${baseline}`;
}
