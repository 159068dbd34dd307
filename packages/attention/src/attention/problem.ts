import type { DesignName, Key } from "@sus/graph";
import type { Csr } from "@sus/sparse";
import { commonDevice, type Device, expectShape, expectType, ShapeError, type Tensor } from "@sus/tensor";
import { budgetsOf, exactHeadsOf, expectBudgets, type HeadBudgets, type HeadSample } from "./budgets.ts";

/** How the forward pass samples the weights it computes. */
export interface SampleOptions {
  readonly design: DesignName;
  /**
   * The budget a row: `bernoulli` and `systematic` keep a weight w with `q = min(1, c·w)`, `priority` keeps c. A list has one
   * for each query head, and "all" for a head whose backward pass shall be exact: its rows of the sample are empty.
   */
  readonly c: HeadBudgets;
  /** The row of batch b, query head h and position i draws from `fold(fold(key, b·hq + h), i)`. */
  readonly key: Key;
  /**
   * Whether the backward pass subtracts a baseline β_i from the weights of row i before it samples dV, and adds its part
   * exactly: less noise from rows whose weights are much alike, for 1 to 6 % of the forward pass. With "all" it does so for
   * dQ and dK too, by linear attention over the earlier blocks of keys, O(n·d²), in heads whose rows are alike enough.
   * Default: true.
   */
  readonly baseline?: boolean | "all";
}

/**
 * The two-stage design: the forward pass keeps `oversample` times as much as wanted, by the rule of `bernoulli`, and the
 * backward pass, which knows the gradient that arrives, thins it to what matters for its own: entry (i, j) is kept with a
 * probability in proportion to `f_ij W_ij`, up to 1, and in all layers, heads and rows of the call to the same measure.
 */
export interface TwoStageOptions extends Omit<SampleOptions, "design" | "c"> {
  readonly design: "two-stage";
  /**
   * How many entries a row the backward pass keeps, on average over the call. With a list, one for each query head, it keeps
   * as many as they have together, wherever in the call they matter most: a head's own c sets what its first stage offers.
   * "all" makes a head's backward pass exact.
   */
  readonly c: HeadBudgets;
  /** The first stage keeps a weight w with `q = min(1, oversample·c·w)`. Default: 3. */
  readonly oversample?: number;
  /**
   * How much an entry matters: "row", `f = ‖dO_i‖`, or "full", which takes an inner product for each entry of the first
   * stage, `f² = ‖dO_i‖² + scale² (dO_i · V_j − D_i)² (‖K_j‖² + ‖Q_i‖²)`. Default: "row".
   */
  readonly factor?: "row" | "full";
}

/** The second stage of a sample, for the backward pass to draw. */
export interface Thinning {
  /** Entries a row, on average over all rows of the sample. */
  readonly c: number;
  /** The largest budget of a head. Default: c. */
  readonly largest?: number;
  readonly oversample: number;
  readonly factor: "row" | "full";
  /** The key of the first stage; the second draws from a stream below it. */
  readonly key: Key;
}

export interface AttentionOptions {
  /** Row i sees the keys 0 … i only. Default: true. */
  readonly causal?: boolean;
  /** What the inner products of queries and keys are multiplied with. Default: 1/√d. */
  readonly scale?: number;
  readonly sample?: SampleOptions | TwoStageOptions;
}

/** What a sample needs beside its estimates where dV is sampled above a baseline. */
export interface Baseline {
  /**
   * β, f32 [b, hq, n]: about the harmonic mean of the weights of each row, 0 where one of them vanishes. It hangs on no
   * draw.
   */
  readonly beta: Tensor;
  /** What is sampled above it: dV, or dQ and dK as well. Default: "values". */
  readonly of?: "values" | "all";
  /** 1/q, f32 [nnz]: for each entry of the sample the inverse of the probability that it was kept. */
  readonly factors: Tensor;
}

/** What the backward pass needs of the forward pass: its arguments, O(n) numbers a head, and what it sampled. */
export interface AttentionResiduals {
  /** f32 [b, n, hq, d]. */
  readonly q: Tensor;
  /** f32 [b, n, hkv, d]. */
  readonly k: Tensor;
  /** f32 [b, n, hkv, d]. */
  readonly v: Tensor;
  /** f32 [b, n, hq, d]. */
  readonly out: Tensor;
  /** f32 [b, hq, n]: the logarithm of Σ e^s over each row's scores s. */
  readonly lse: Tensor;
  readonly causal: boolean;
  readonly scale: number;
  /** Ŵ, [b·hq·n, n], with `E[Ŵ] = W`, row (b·hq + h)·n + i: where `sample` was asked for. */
  readonly sample?: Csr;
  /** For `sample`, unless it was asked to do without. */
  readonly baseline?: Baseline;
  /** The query heads of which `sample` has nothing and all weights count: where `c` says "all" of some. */
  readonly exactHeads?: readonly number[];
  /** What the backward pass shall do to `sample` first: with the two-stage design. */
  readonly thinning?: Thinning;
}

/**
 * The forward pass: `out`, `lse`, `sample` and the tensors of `baseline` are new and the caller's to dispose, the arguments
 * stay the caller's.
 */
export type AttentionForward = AttentionResiduals;

export interface AttentionGradients {
  readonly dq: Tensor;
  readonly dk: Tensor;
  readonly dv: Tensor;
  /**
   * How many entries the second stage kept, with the two-stage design: a number, or where only a GPU knows it u32 [1], the
   * caller's to dispose.
   */
  readonly thinned?: number | Tensor;
}

/** The sizes of an attention problem. */
export interface Problem {
  readonly device: Device;
  readonly batch: number;
  readonly length: number;
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly depth: number;
}

/** Checks the arguments of `operation`. Throws ShapeError, DeviceError. */
export function problemOf(operation: string, q: Tensor, k: Tensor, v: Tensor): Problem {
  const [batch, length, queryHeads, depth] = shapeOf(operation, "q", q);
  const keyHeads = k.shape[2] ?? 0;
  shapeOf(operation, "k", k);
  expectShape(operation, "k", k, [batch, length, "hkv", depth]);
  expectShape(operation, "v", v, k.shape);
  for (const [name, tensor] of [
    ["q", q],
    ["k", k],
    ["v", v],
  ] as const) {
    expectType(operation, name, tensor, "f32");
  }
  if (queryHeads % keyHeads !== 0) {
    throw new ShapeError(
      `${operation}: expected a number of query heads that is a multiple of the ${keyHeads} key heads, got ${queryHeads}`,
    );
  }
  return { device: commonDevice(operation, q, k, v), batch, length, queryHeads, keyHeads, depth };
}

/** A shape [batch, length, heads, depth] without an empty axis. */
function shapeOf(operation: string, name: string, tensor: Tensor): [number, number, number, number] {
  const heads = name === "q" ? "hq" : "hkv";
  const [batch = 0, length = 0, count = 0, depth = 0] = expectShape(operation, name, tensor, [
    "b",
    "n",
    heads,
    "d",
  ]);
  if (tensor.size === 0) {
    throw new ShapeError(
      `${operation}: expected ${name} of shape [b, n, ${heads}, d] with lengths above 0, got [${tensor.shape.join(", ")}]`,
    );
  }
  return [batch, length, count, depth];
}

/** The scale asked for, or 1/√d. Throws ShapeError unless it is a finite number. */
export function scaleOf(operation: string, scale: number | undefined, depth: number): number {
  if (scale === undefined) return 1 / Math.sqrt(depth);
  if (!Number.isFinite(scale)) throw new ShapeError(`${operation}: expected a finite scale, got ${scale}`);
  return scale;
}

const designs: readonly string[] = ["bernoulli", "priority", "systematic", "two-stage"];

/** Throws ShapeError unless the design exists and the budget means something for it. */
export function expectSample(
  operation: string,
  options: SampleOptions | TwoStageOptions,
  queryHeads: number,
): void {
  const { design, c } = options;
  if (!designs.includes(design)) {
    throw new ShapeError(
      `${operation}: expected the design bernoulli, priority, systematic or two-stage, got ${JSON.stringify(design)}`,
    );
  }
  if (design === "two-stage") {
    const { oversample = 3, factor = "row" } = options;
    if (!(oversample >= 1 && oversample < Infinity)) {
      throw new ShapeError(`${operation}: expected oversample of at least 1 and finite, got ${oversample}`);
    }
    if (factor !== "row" && factor !== "full") {
      throw new ShapeError(`${operation}: expected the factor row or full, got ${JSON.stringify(factor)}`);
    }
  }
  if (![undefined, true, false, "all"].includes(options.baseline)) {
    throw new ShapeError(
      `${operation}: expected the baseline true, false or "all", got ${JSON.stringify(options.baseline)}`,
    );
  }
  expectBudgets(operation, c, queryHeads, design === "priority");
}

/** What the forward pass draws, and what it leaves to the backward pass. */
export function stagesOf(
  options: SampleOptions | TwoStageOptions,
  queryHeads: number,
): { readonly first: HeadSample; readonly thinning?: Thinning; readonly exactHeads?: readonly number[] } {
  const { c, key, baseline = true } = options;
  const exactHeads = exactHeadsOf(c);
  const exact = exactHeads.length === 0 ? {} : { exactHeads };
  if (options.design !== "two-stage") {
    const { design } = options;
    return { first: { design, budgets: budgetsOf(c, queryHeads), key, baseline }, ...exact };
  }
  const { oversample = 3, factor = "row" } = options;
  return {
    first: { design: "bernoulli", budgets: budgetsOf(c, queryHeads, oversample), key, baseline },
    thinning: { ...togetherOf(budgetsOf(c, queryHeads)), oversample, factor, key },
    ...exact,
  };
}

/** The mean of budgets, to the last digit where they are alike, and the largest. */
function togetherOf(budgets: readonly number[]): { c: number; largest: number } {
  const largest = Math.max(...budgets);
  const short = budgets.reduce((sum, budget) => sum + (largest - budget), 0);
  return { c: largest - short / budgets.length, largest };
}
