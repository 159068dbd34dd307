import { type AttentionOptions, attentionBackward, attentionForward } from "@sus/attention";
import { key } from "@sus/graph";
import type { WebGpuDevice } from "@sus/tensor";
import type { Case, Sizes } from "./case.ts";
import type { Work } from "./measure.ts";
import { uniformOn } from "./uniform.ts";

const [heads, headWidth] = [4, 64];
const kept = 30;
const designs = ["bernoulli", "priority", "systematic"] as const;

/** Queries, keys, values and the cotangent of the output, of one sequence that attends to itself. */
function inputsOf(device: WebGpuDevice, { sequence }: Sizes) {
  const tensor = () => uniformOn(device, 1, sequence, heads, headWidth);
  return { q: tensor(), k: tensor(), v: tensor(), dOut: tensor() };
}

/** FLOPs of a product of all scores, or of their half that is causal, with rows of d numbers. */
const productFlops = ({ sequence }: Sizes) => heads * headWidth * sequence ** 2;

function forward(operation: string, kernel: string, options: AttentionOptions): Case {
  return {
    operation,
    prepare: (device, sizes): Work => {
      const { q, k, v } = inputsOf(device, sizes);
      return { run: () => attentionForward(q, k, v, options), flops: { [kernel]: 2 * productFlops(sizes) } };
    },
  };
}

const sampleOf = (design: (typeof designs)[number]) => ({ design, c: kept, key: key(7) });

export const attention: readonly Case[] = [
  forward("attentionForward", "attentionForward", {}),
  ...designs.map((design) =>
    forward(`attentionForward, ${design}`, `attentionForward${capitalised(design)}`, {
      sample: sampleOf(design),
    }),
  ),
  {
    operation: "attentionBackward, exact",
    prepare: (device, sizes) => {
      const { q, k, v, dOut } = inputsOf(device, sizes);
      const residuals = attentionForward(q, k, v);
      const flops = {
        attentionBackwardExactQueries: 3 * productFlops(sizes),
        attentionBackwardExactKeys: 4 * productFlops(sizes),
      };
      return { run: () => attentionBackward(residuals, "all", dOut), flops };
    },
  },
  {
    operation: "attentionBackward, bernoulli",
    prepare: (device, sizes) => {
      const { q, k, v, dOut } = inputsOf(device, sizes);
      const residuals = attentionForward(q, k, v, { sample: sampleOf("bernoulli") });
      return { run: () => attentionBackward(residuals, residuals.sample!, dOut), flops: {} };
    },
  },
  ...(["row", "full"] as const).map(
    (factor): Case => ({
      operation: `attentionBackward, two-stage, ${factor}`,
      prepare: (device, sizes) => {
        const { q, k, v, dOut } = inputsOf(device, sizes);
        const sample = { design: "two-stage", c: kept, key: key(7), factor } as const;
        const residuals = attentionForward(q, k, v, { sample });
        return { run: () => attentionBackward(residuals, residuals.sample!, dOut), flops: {} };
      },
    }),
  ),
];

function capitalised(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
