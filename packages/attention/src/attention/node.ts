import { type DesignName, type Key, type Node, operation } from "@sus/graph";
import type { Csr } from "@sus/sparse";
import { ShapeError, type Tensor } from "@sus/tensor";
import { topK } from "../top-k/index.ts";
import { attentionBackward } from "./backward.ts";
import type { HeadBudgets } from "./budgets.ts";
import { attentionForward } from "./forward.ts";
import type { SampleOptions, TwoStageOptions } from "./problem.ts";

/** How the backward pass of attention is estimated: exactly, or from a sample of about c weights a row. */
export type AttentionEstimator =
  | { readonly c: "all" }
  | {
      /** A list has a budget for each query head, "all" for those that are exact; "top-k" takes one for all. */
      readonly c: HeadBudgets;
      /** Default: "bernoulli". The control "top-k" is biased, see `topK`. */
      readonly design?: DesignName | "two-stage" | "top-k";
      readonly key: Key;
      /** Whether dV, or "all" three gradients, are sampled above a baseline, see `SampleOptions`. Default: true; "top-k" has none. */
      readonly baseline?: boolean | "all";
      /** Of "two-stage", see `TwoStageOptions`. */
      readonly oversample?: number;
      readonly factor?: "row" | "full";
    };

export type AttentionNodeOptions = AttentionEstimator & {
  /** Row i sees the keys 0 … i only. Default: true. */
  readonly causal?: boolean;
  /** What the inner products of queries and keys are multiplied with. Default: 1/√d. */
  readonly scale?: number;
  /** Told of the sample that the forward pass drew; it borrows it. */
  readonly onSample?: (sample: Csr) => void;
  /**
   * Told by the backward pass how many entries of the sample the second stage kept: with "two-stage". On a GPU the number is
   * a tensor u32 [1], which it borrows.
   */
  readonly onThinned?: (entries: number | Tensor) => void;
};

/**
 * `attentionForward` of nodes: one edge "attention" to q, k and v, whose pullback is `attentionBackward` with the
 * sample that the forward pass drew, or with all weights. The value is exact either way, the gradient unbiased.
 *
 * Value, `lse` and sample belong to the innermost open scope: run forward and backward pass inside one.
 *
 * @param q f32 [b, n, hq, d]. @param k f32 [b, n, hkv, d]. @param v f32 [b, n, hkv, d].
 */
export function attention(
  q: Node<Tensor>,
  k: Node<Tensor>,
  v: Node<Tensor>,
  options: AttentionNodeOptions,
): Node<Tensor> {
  const sample = sampleOf(options);
  const largest = largestOf(options);
  const residuals = attentionForward(q.value, k.value, v.value, {
    ...(options.causal === undefined ? {} : { causal: options.causal }),
    ...(options.scale === undefined ? {} : { scale: options.scale }),
    ...(sample === undefined ? {} : { sample }),
  });
  const weights = largest === undefined ? residuals.sample : topK(residuals, largest);
  if (weights !== undefined) options.onSample?.(weights);
  return operation("attention", residuals.out, [q, k, v], (dOut) => {
    const { dq, dk, dv, thinned } = attentionBackward(residuals, weights ?? "all", dOut);
    if (thinned !== undefined) options.onThinned?.(thinned);
    return [dq, dk, dv];
  });
}

/** How many of the largest weights of a row the biased control keeps. Throws ShapeError for a list. */
function largestOf(options: AttentionEstimator): number | undefined {
  if (options.c === "all" || options.design !== "top-k") return undefined;
  if (typeof options.c === "number") return options.c;
  throw new ShapeError(
    `attention: expected one c for all heads with top-k, got ${JSON.stringify(options.c)}`,
  );
}

/** What the forward pass samples: nothing for all weights, and for the largest, which are picked afterwards. */
function sampleOf(options: AttentionEstimator): SampleOptions | TwoStageOptions | undefined {
  if (options.c === "all" || options.design === "top-k") return undefined;
  const { c, design = "bernoulli", key, baseline = true, oversample = 3, factor = "row" } = options;
  return design === "two-stage"
    ? { design, c, key, baseline, oversample, factor }
    : { design, c, key, baseline };
}
