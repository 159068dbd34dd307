import { onDevice, type Tensor } from "@sus/tensor";
import {
  type AttentionForward,
  type AttentionOptions,
  expectSample,
  problemOf,
  scaleOf,
  stagesOf,
} from "./problem.ts";
import { forwardWasm } from "./wasm/forward.ts";
import { forwardWebGpu } from "./webgpu/forward.ts";

/**
 * Exact scaled dot-product attention, head by head, and a sparse unbiased sample of its weights on the way:
 *
 *     S = scale · Q Kᵀ (causal: −∞ above the diagonal)     W = softmax(S)     O = W V     Ŵ with E[Ŵ] = W
 *
 * With fewer key heads than query heads each key head serves hq/hkv neighbouring query heads. The weights are never
 * held as an n×n array: O(n²·d) time, O(n·d) memory for the output and O(n·c) for the sample. A row without a
 * finite score gives 0, and −∞ in `lse`.
 *
 * `sample.design` says how a row is sampled (see `designs` of `@sus/graph`): the kept entries of `bernoulli` and
 * `priority` are found in the one pass over the keys and are those that two passes would find; `systematic` takes a
 * second pass. `priority` keeps exactly min(c, keys of the row) entries.
 *
 * Of `two-stage` it draws the first stage and leaves the second to the backward pass.
 *
 * @param q f32 [b, n, hq, d]. @param k f32 [b, n, hkv, d]. @param v f32 [b, n, hkv, d].
 * @throws ShapeError for shapes, types or options that do not fit, DeviceError where they do not fit in memory.
 */
export function attentionForward(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { causal = true, scale, sample }: AttentionOptions = {},
): AttentionForward {
  const problem = problemOf("attentionForward", q, k, v);
  const factor = scaleOf("attentionForward", scale, problem.depth);
  if (sample !== undefined) expectSample("attentionForward", sample, problem.queryHeads);
  const inputs = { q, k, v, causal, scale: factor };
  const { first, ...asked } = sample === undefined ? {} : stagesOf(sample, problem.queryHeads);
  return onDevice(problem.device, {
    wasm: (device) => ({ ...inputs, ...asked, ...forwardWasm(device, problem, inputs, first) }),
    webgpu: (device) => ({
      ...inputs,
      ...asked,
      ...forwardWebGpu(device, problem, inputs, first),
    }),
  });
}
