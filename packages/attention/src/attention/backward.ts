import type { Csr } from "@sus/sparse";
import {
  allOrNothing,
  commonDevice,
  expectShape,
  expectType,
  onDevice,
  ShapeError,
  type Tensor,
} from "@sus/tensor";
import { type AttentionGradients, type AttentionResiduals, problemOf } from "./problem.ts";
import { sampledBackwardWasm } from "./wasm/backward.ts";
import { exactBackwardWasm } from "./wasm/exact.ts";
import { addExactHeadsWasm } from "./wasm/exact-heads.ts";
import { sampledBackwardWebGpu } from "./webgpu/backward.ts";
import { exactBackwardWebGpu } from "./webgpu/exact.ts";
import { addExactHeadsWebGpu } from "./webgpu/exact-heads.ts";

/**
 * The gradients of attention, with the weights W of its softmax or with an estimate Ŵ of them. For each head
 *
 *     D_i = dO_i · O_i                                   exact, from the output
 *     dS_ij = W_ij (dO_i · V_j − D_i)                    where W_ij is kept: an SDDMM
 *     dQ = scale · dS K                                  row by row: an SpMM
 *     dK = scale · dSᵀ Q       dV = Wᵀ dO                column by column: SpMMs with the transpose
 *
 * W stands in every term once: the gradients are linear in it. So with any random Ŵ of mean W, such as the `sample`
 * of `attentionForward`, they are unbiased, `E[dQ̂, dK̂, dV̂] = dQ, dK, dV`, and where an entry of Ŵ is 0 nothing is
 * computed: O(n·c·d) for c kept entries a row. For the forward pass's own `sample` with its `baseline` β
 *
 *     dV_j = Σ_i β_i dO_i  (over all rows i that see key j, exactly, O(n·d))  +  Σ_i (Ŵ_ij − β_i/q_ij) dO_i  (kept)
 *
 * of the same mean, as what is kept of 1/q_ij is 1 on average. With `"all"` they are exact: W is recomputed from `lse`,
 * block by block, O(n²·d), and never held as an n×n array either.
 *
 * With its `thinning` (the two-stage design) what the sample is drawn from once more, from what is known by now: see
 * `TwoStageOptions`. Given the sample, the mean of what is left is the sample.
 *
 * For the forward pass's own sample its `exactHeads`, of which that has nothing, are computed with all weights.
 *
 * Key heads that serve several query heads sum up over them. Deterministic: sums are taken in an order that depends
 * on nothing but the shapes and the sample.
 *
 * @param residuals what `attentionForward` returned.
 * @param weights Ŵ, [b·hq·n, n], causal where the forward pass was: the sample (that very object), another estimate,
 * which has no baseline, or `"all"`.
 * @param dOut f32 [b, n, hq, d]: the cotangent of `out`.
 * @returns new tensors of the shapes of q, k and v, the caller's to dispose.
 * @throws ShapeError for shapes or types that do not fit, DeviceError where they do not fit in memory.
 * Source: Pankov, Harik, "Sparse unbiased stochastic backprop" (arXiv 2505.15080); for `"all"` Dao et al.,
 * "FlashAttention" (arXiv 2205.14135).
 */
export function attentionBackward(
  residuals: AttentionResiduals,
  weights: Csr | "all",
  dOut: Tensor,
): AttentionGradients {
  const { q, k, v, out, lse } = residuals;
  const problem = problemOf("attentionBackward", q, k, v);
  const { batch, queryHeads, length } = problem;
  expectShape("attentionBackward", "out", out, q.shape);
  expectShape("attentionBackward", "lse", lse, [batch, queryHeads, length]);
  expectShape("attentionBackward", "dOut", dOut, q.shape);
  expectType("attentionBackward", "dOut", dOut, "f32");
  commonDevice("attentionBackward", q, out, lse, dOut);
  const { exactHeads = [] } = weights === residuals.sample ? residuals : {};
  if (weights === "all" || exactHeads.length === queryHeads) {
    return onDevice(problem.device, {
      wasm: (device) => exactBackwardWasm(device, problem, residuals, dOut),
      webgpu: (device) => exactBackwardWebGpu(device, problem, residuals, dOut),
    });
  }
  commonDevice("attentionBackward", q, weights.data);
  const rows = batch * queryHeads * length;
  if (weights.shape[0] !== rows || weights.shape[1] !== length) {
    throw new ShapeError(
      `attentionBackward: expected weights of shape [${rows}, ${length}], got [${weights.shape.join(", ")}]`,
    );
  }
  return allOrNothing((own) => {
    const gradients = onDevice(problem.device, {
      wasm: (device) => sampledBackwardWasm(device, problem, residuals, weights, dOut),
      webgpu: (device) => sampledBackwardWebGpu(device, problem, residuals, weights, dOut),
    });
    if (exactHeads.length === 0) return gradients;
    for (const made of Object.values(gradients)) if (typeof made !== "number") own(made);
    onDevice(problem.device, {
      wasm: (device) => addExactHeadsWasm(device, problem, residuals, exactHeads, dOut, gradients),
      webgpu: (device) => addExactHeadsWebGpu(device, problem, residuals, exactHeads, dOut, gradients),
    });
    return gradients;
  });
}
