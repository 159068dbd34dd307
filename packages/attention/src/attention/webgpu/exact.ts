import { allOrNothing, kernel, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { AttentionGradients, AttentionResiduals, Problem } from "../problem.ts";
import deltaText from "./delta.wgsl?text";
import keysText from "./exact-keys.wgsl?text";
import queriesText from "./exact-queries.wgsl?text";
import exactText from "./lib/exact.wgsl?text";
import exp2Text from "./lib/exp2.wgsl?text";
import placeText from "./lib/place.wgsl?text";
import rowSumsText from "./lib/row-sums.wgsl?text";
import teamText from "./lib/team.wgsl?text";
import tileText from "./lib/tile.wgsl?text";
import { forEachPart } from "./parts.ts";
import { keyTilesOf, rangesOf, rowTilesOf, sizesOf, teamsOf } from "./sizes.ts";

const deltaKernel = kernel("attentionBackwardDelta", wgsl.index, placeText, teamText, deltaText);
const common = [wgsl.index, exp2Text, placeText, tileText, exactText];
const queriesKernel = kernel("attentionBackwardExactQueries", ...common, rowSumsText, queriesText);
const keysKernel = kernel("attentionBackwardExactKeys", ...common, keysText);

/** The exact backward pass: W is recomputed tile by tile, once along the rows for dQ and once along the keys for dK, dV. */
export function exactBackwardWebGpu(
  device: WebGpuDevice,
  problem: Problem,
  { q, k, v, out, lse, causal, scale }: AttentionResiduals,
  dOut: Tensor,
): AttentionGradients {
  return allOrNothing((own) => {
    const gradients = {
      dq: own(device.empty(q.shape)),
      dk: own(device.empty(k.shape)),
      dv: own(device.empty(v.shape)),
    };
    using delta = device.empty(lse.shape);
    const operands = { inputs: { q, k, v, out, dOut }, outputs: gradients };
    forEachPart(device, problem, operands, (part, bound) => {
      device.run(deltaKernel, {
        bindings: [delta, bound.out, bound.dOut],
        uniforms: sizesOf(part),
        workgroups: teamsOf(part),
      });
      const uniforms = {
        ...{ ...sizesOf(part), causal: Number(causal), scale },
        scoreScale: scale * Math.LOG2E,
      };
      const constants = rangesOf(part);
      const read = [bound.q, bound.k, bound.v, bound.dOut, lse, delta];
      device.run(queriesKernel, {
        ...{ bindings: [bound.dq, ...read], uniforms, constants },
        workgroups: rowTilesOf(part) * constants.RANGES,
      });
      device.run(keysKernel, {
        ...{ bindings: [bound.dk, bound.dv, ...read], uniforms, constants },
        workgroups: keyTilesOf(part) * constants.RANGES,
      });
    });
    return gradients;
  });
}
