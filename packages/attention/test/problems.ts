import { fold, independentBits, key, toUniform } from "@sus/graph";
import { type Device, openDevice, type Tensor } from "@sus/tensor";
import { expect } from "vitest";
import type { AttentionForward } from "../src/attention/index.ts";
import {
  backwardReference,
  forwardReference,
  type ReferenceEstimate,
  type ReferenceForward,
  type ReferenceProblem,
} from "../src/attention/reference.ts";
import { coveredKeys, gainingHeads } from "../src/attention/scores-baseline.ts";

/** What every kernel is tested on: both builds, one thread and several. */
export const builds: readonly { readonly relaxed: boolean; readonly threads: number }[] = [
  { relaxed: true, threads: 1 },
  { relaxed: false, threads: 1 },
  { relaxed: true, threads: 3 },
];

/**
 * Runs a test in a scope on a device whose memory is full of NaN, so that a kernel which relies on zeros is found out,
 * and checks that nothing stays behind.
 */
export async function onEachBuild(
  options: (typeof builds)[number],
  body: (device: Device) => Promise<void>,
): Promise<void> {
  using device = await openDevice("wasm", options);
  const dirt = device.tensor(new Float32Array(2 ** 22).fill(Number.NaN), [2 ** 22]);
  dirt[Symbol.dispose]();
  const scope = device.scope();
  await body(device);
  scope[Symbol.dispose]();
}

/** Seeded normal numbers times `spread`. */
export function normals(length: number, seed: number, spread = 1): Float32Array {
  const stream = fold(key(seed), 0);
  return Float32Array.from({ length }, (_, i) => {
    const [u, w] = [toUniform(independentBits(stream, 2 * i)), toUniform(independentBits(stream, 2 * i + 1))];
    return spread * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * w);
  });
}

export interface Sizes {
  readonly length: number;
  readonly depth: number;
  readonly batch?: number;
  readonly queryHeads?: number;
  readonly keyHeads?: number;
  readonly causal?: boolean;
  /** Standard deviation of queries and keys: their scores grow with its square. Default 1. */
  readonly spread?: number;
}

export interface Problem extends ReferenceProblem {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly dOut: Float32Array;
}

/** A seeded problem. */
export function problemOf(sizes: Sizes, seed = 1): Problem {
  const { length, depth, batch = 1, queryHeads = 1, keyHeads = 1, causal = true, spread = 1 } = sizes;
  const queries = batch * length * queryHeads * depth;
  const keys = batch * length * keyHeads * depth;
  return {
    ...{ batch, length, queryHeads, keyHeads, depth, causal },
    scale: Math.fround(1 / Math.sqrt(depth)),
    q: normals(queries, 4 * seed, spread),
    k: normals(keys, 4 * seed + 1, spread),
    v: normals(keys, 4 * seed + 2),
    dOut: normals(queries, 4 * seed + 3),
  };
}

/** Cotangents of very different sizes, some rows of them 0: what a second stage looks at. */
export function uneven(problem: Problem): Problem {
  const { depth } = problem;
  const sizes = [0, 1e-3, 0.1, 1, 8];
  return { ...problem, dOut: problem.dOut.map((x, at) => x * sizes[Math.floor(at / depth) % sizes.length]!) };
}

/** The problem's tensors on a device. */
export function onDevice(device: Device, problem: Problem): Record<"q" | "k" | "v" | "dOut", Tensor> {
  const { batch, length, queryHeads, keyHeads, depth } = problem;
  const queries = [batch, length, queryHeads, depth];
  const keys = [batch, length, keyHeads, depth];
  return {
    q: device.tensor(problem.q, queries),
    k: device.tensor(problem.k, keys),
    v: device.tensor(problem.v, keys),
    dOut: device.tensor(problem.dOut, queries),
  };
}

/** What a forward pass drew, as the dense arrays that the reference takes. */
export async function estimateOf({
  out,
  sample,
  baseline,
  causal,
}: AttentionForward): Promise<ReferenceEstimate & { readonly weights: Float64Array }> {
  const { shape, indptr, indices, data } = await sample!.read();
  const dense = (values: ArrayLike<number>) => {
    const array = new Float64Array(shape[0] * shape[1]);
    for (let row = 0; row < shape[0]; row++) {
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++) array[row * shape[1] + indices[e]!] = values[e]!;
    }
    return array;
  };
  const known = { out: await out.read(), weights: dense(data) };
  if (baseline === undefined) return known;
  const factors = dense(await baseline.factors.read());
  const beta = await baseline.beta.read();
  if (baseline.of !== "all") return { ...known, baseline: { beta, factors } };
  const reach = { length: shape[1], causal };
  const gains = gainingHeads(beta, reach);
  const covered = (row: number, i: number) =>
    gains[Math.floor(row / reach.length)] === 1 ? coveredKeys(i, reach) : 0;
  return { ...known, baseline: { beta, factors, covered } };
}

/** A problem with its results in float64 and in plain float32. */
export interface Solved {
  readonly problem: Problem;
  readonly exact: ReferenceForward & ReturnType<typeof backwardReference>;
  readonly single: ReferenceForward & ReturnType<typeof backwardReference>;
}

export function solve(sizes: Sizes, seed?: number): Solved {
  const problem = problemOf(sizes, seed);
  const results = (round?: (value: number) => number) => {
    const forward = forwardReference(problem, round);
    return { ...forward, ...backwardReference(problem, forward, problem.dOut, round) };
  };
  return { problem, exact: results(), single: results(Math.fround) };
}

/**
 * Holds a kernel to twice the error of the plain float32 loop, both against float64, plus 32 roundings of numbers of
 * the inputs' size, 1, for results in which large terms cancel: the plain loop may happen to hit those exactly.
 */
export function expectAsPrecise(
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
  single: ArrayLike<number>,
): void {
  expect(actual.length).toBe(exact.length);
  const allowed = 2 * largest(single, (i) => exact[i]!) + 32 * 2 ** -24;
  expect(largest(actual, (i) => exact[i]!)).toBeLessThanOrEqual(allowed);
}

/** The largest |values[i] − other(i)|, NaN where a difference is. */
export function largest(values: ArrayLike<number>, other: (i: number) => number): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]! - other(i)));
  return most;
}
