import type { Csr } from "@sus/sparse";
import { allOrNothing, type Chunk, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { AttentionGradients, AttentionResiduals, Baseline, Problem } from "../problem.ts";
import { addBaseline, coefficientsOf } from "./baseline.ts";
import { columnGradients, keyHeadFits } from "./columns.ts";
import entriesText from "./lib/entries.wgsl?text";
import longestText from "./lib/longest.wgsl?text";
import placeText from "./lib/place.wgsl?text";
import teamText from "./lib/team.wgsl?text";
import { forEachPart } from "./parts.ts";
import queriesText from "./sample-queries.wgsl?text";
import scoresText from "./sample-scores.wgsl?text";
import { sizesOf, teamsOf } from "./sizes.ts";
import { thinWebGpu } from "./thin.ts";

const common = [wgsl.index, placeText, entriesText];
const scoresKernel = kernel("attentionBackwardScores", ...common, teamText, longestText, scoresText);
const queriesKernel = kernel("attentionBackwardQueries", ...common, queriesText);

/** The backward pass with weights, of which those of the forward pass's own sample are thinned where that was asked for. */
export function sampledBackwardWebGpu(
  device: WebGpuDevice,
  problem: Problem,
  residuals: AttentionResiduals,
  weights: Csr,
  dOut: Tensor,
): AttentionGradients {
  const { baseline, thinning } = weights === residuals.sample ? residuals : {};
  if (thinning === undefined) return backwardWebGpu(device, problem, residuals, weights, baseline, dOut);
  const first = { sample: weights, factors: baseline?.factors };
  const windows = windowsOf(device, weights.capacity);
  const { sample, factors, kept } = thinWebGpu(device, problem, residuals, first, thinning, dOut, windows);
  try {
    const left = baseline && factors && { ...baseline, factors };
    return { ...backwardWebGpu(device, problem, residuals, sample, left, dOut), thinned: kept };
  } catch (error) {
    kept[Symbol.dispose]();
    throw error;
  } finally {
    sample[Symbol.dispose]();
    factors?.[Symbol.dispose]();
  }
}

/**
 * The backward pass with the entries of a sample: the gradients of the scores (Scores), along the rows for dQ (Queries),
 * and sorted by column (columns.ts) for dK and dV, to which baselines add their part (baseline.ts).
 */
function backwardWebGpu(
  device: WebGpuDevice,
  problem: Problem,
  { q, k, v, out, causal, scale }: AttentionResiduals,
  sample: Csr,
  baseline: Baseline | undefined,
  dOut: Tensor,
): AttentionGradients {
  const { indptr, indices, data, capacity } = sample;
  return allOrNothing((own) => {
    const gradients = {
      dq: own(device.empty(q.shape)),
      dk: own(device.empty(k.shape)),
      dv: own(device.empty(v.shape)),
    };
    using gradient = device.empty([capacity]);
    using values = baseline === undefined ? data.share() : coefficientsOf(device, sample, baseline);
    const windows = windowsOf(device, capacity);
    const oneByOne = !keyHeadFits(device, problem, sample);
    const operands = { inputs: { q, k, v, out, dOut }, outputs: gradients, oneByOne };
    forEachPart(device, problem, operands, (part, bound) => {
      for (const window of windows) {
        const [columns, weights, slopes] = [indices, data, gradient].map((tensor) =>
          rowsOf(tensor, window, 1),
        );
        const sizes = { ...sizesOf(part), firstEntry: window.first, entries: window.count };
        device.run(scoresKernel, {
          bindings: [slopes!, indptr, columns!, weights!, bound.v, bound.out, bound.dOut],
          uniforms: { ...sizes, scale },
          workgroups: teamsOf(part),
        });
        device.run(queriesKernel, {
          bindings: [bound.dq, indptr, columns!, slopes!, bound.k],
          uniforms: sizes,
          workgroups: teamsOf(part),
        });
      }
      columnGradients(device, problem, { part, bound, sample, values, gradient, windows });
      if (baseline !== undefined) addBaseline(device, part, bound, baseline.beta, causal);
    });
    return gradients;
  });
}

/** The entries in windows that fit into bindings; one where there are none, so that rows without entries get their zeros. */
function windowsOf(device: WebGpuDevice, capacity: number): readonly Chunk[] {
  if (capacity === 0) return [{ first: 0, count: 0 }];
  return device.chunks("attentionBackward", capacity, [1]);
}
