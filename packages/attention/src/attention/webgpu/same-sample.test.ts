import { fold, independentBits, key, resolution, rotationBits, toUniform } from "@sus/graph";
import type { Device } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { onEachGpu, onWasm, type RunOnGpu } from "../../../test/gpu.ts";
import { normals, onDevice, type Problem, problemOf } from "../../../test/problems.ts";
import { attentionForward, type SampleOptions } from "../index.ts";
import { forwardReference } from "../reference.ts";

/** A problem with d = 1 whose score of row i and key j is `row(i) · score(j)` in powers of 2, exactly in float32. */
function scored(
  length: number,
  causal: boolean,
  score: (j: number) => number,
  row = (_: number) => 1,
): Problem {
  return {
    ...problemOf({ length, depth: 1, causal }),
    scale: Math.LN2,
    q: Float32Array.from({ length }, (_, i) => row(i)),
    k: Float32Array.from({ length }, (_, j) => score(j)),
  };
}

const noise = normals(500, 77).map((x) => Math.round(x * 8) / 8);

const problems: Readonly<Record<string, Problem>> = {
  "one key": scored(1, true, () => 3),
  "rows shorter than c": problemOf({ length: 9, depth: 4 }),
  "normal scores": problemOf({ length: 150, depth: 16, batch: 2, queryHeads: 4, keyHeads: 2 }),
  "all keys": problemOf({ length: 150, depth: 8, causal: false }),
  "a head width that is no multiple of four": problemOf({ length: 70, depth: 5, batch: 2 }),
  "rising along the row": scored(300, true, (j) => j / 16),
  "falling along the row": scored(300, true, (j) => -j / 16),
  "rising steeply": scored(200, false, (j) => j),
  ties: scored(300, true, () => 0.5),
  "ties of two kinds": scored(200, false, (j) => j % 2),
  "peaked rows": scored(
    300,
    true,
    (j) => (j % 100 === 7 ? 12 : 0),
    (i) => 1 + (i % 3),
  ),
  "far from 0": scored(200, true, (j) => 200 + noise[j]!),
  "two levels far apart": scored(200, true, (j) => (j % 50 === 0 ? 1 : -150 - (j % 3))),
  "very negative": scored(300, true, (j) => (j % 5 === 0 ? noise[j]! : -1e30)),
  "−∞": scored(200, true, (j) => (j % 3 === 0 && j > 0 ? -Infinity : noise[j]!)),
};

type EvenOptions = SampleOptions & { readonly c: number };

interface Kept {
  /** By row, the estimates and the factors 1/q by column. */
  readonly rows: readonly ReadonlyMap<number, readonly [estimate: number, factor: number]>[];
  readonly beta: ArrayLike<number>;
}

async function keptBy(run: RunOnGpu, problem: Problem, sample: EvenOptions): Promise<Kept> {
  let kept: Kept | undefined;
  await run(async (device: Device) => {
    const { q, k, v } = onDevice(device, problem);
    const { causal, scale } = problem;
    const forward = attentionForward(q, k, v, { causal, scale, sample });
    const { shape, indptr, indices, data } = await forward.sample!.read();
    const factors = await forward.baseline!.factors.read();
    const rows = Array.from({ length: shape[0] }, (_, row) => {
      const [from, to] = [indptr[row]!, indptr[row + 1]!];
      const columns = Array.from({ length: to - from }, (_, e) => indices[from + e]!);
      expect(columns).toEqual([...new Set(columns)].sort((a, b) => a - b));
      return new Map(columns.map((column, e) => [column, [data[from + e]!, factors[from + e]!] as const]));
    });
    kept = { rows, beta: await forward.baseline!.beta.read() };
  });
  return kept!;
}

/** Expects numbers that are computed in another order: the same to some roundings, more for tiny q, which are rounded up. */
function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  wanted.forEach((x, i) => {
    expect(Math.abs(actual[i]! - x)).toBeLessThanOrEqual(1e-4 * Math.abs(x) + 1e-30);
  });
}

/** Below this relative distance from its threshold an entry may fall either way, for weights are float32. */
const tie = 2e-5;

/** How far, relatively, an entry is from its threshold: from q in the order of its row's draws. */
function distance(
  problem: Problem,
  weights: Float64Array,
  row: number,
  j: number,
  sample: EvenOptions,
): number {
  const { length } = problem;
  const rowKey = fold(fold(sample.key, Math.floor(row / length)), row % length);
  const own = weights.subarray(row * length, (row + 1) * length);
  if (sample.design === "bernoulli") {
    const q = Math.min(1, sample.c * own[j]!);
    return Math.abs((rotationBits(rowKey, j) >>> 8) * resolution - q) / q;
  }
  if (sample.design === "systematic") {
    let sum = (independentBits(rowKey, 0) >>> 8) * resolution;
    for (let i = 0; i < j; i++) sum += Math.min(1, sample.c * own[i]!);
    const q = Math.min(1, sample.c * own[j]!);
    const toWhole = Math.min(...[sum, sum + q].map((x) => Math.abs(x - Math.round(x))));
    return toWhole / (sum + q + length * resolution);
  }
  const priorities = own.map((w, i) => w / toUniform(independentBits(rowKey, i)));
  const threshold = priorities.slice().sort().reverse()[sample.c] ?? 0;
  return Math.abs(priorities[j]! - threshold) / threshold;
}

onEachGpu("the sample of WebAssembly", 2 ** 18, (run) => {
  describe.each([
    { design: "bernoulli", c: 0.5 },
    { design: "bernoulli", c: 10 },
    { design: "bernoulli", c: 4000 },
    { design: "priority", c: 1 },
    { design: "priority", c: 10 },
    { design: "priority", c: 4000 },
    { design: "systematic", c: 5 },
  ] as const)("$design, c = $c", (options) => {
    test.each(Object.entries(problems))("%s", async (_, problem) => {
      const sample = { ...options, key: key(Math.ceil(options.c)) };
      const [gpu, wasm] = [await keptBy(run, problem, sample), await keptBy(onWasm, problem, sample)];
      const { weights } = forwardReference(problem);
      for (const [row, beta] of Array.from(wasm.beta).entries()) expectClose([gpu.beta[row]!], [beta]);
      let entries = 0;
      let different = 0;
      for (const [row, kept] of wasm.rows.entries()) {
        const others = gpu.rows[row]!;
        entries += kept.size;
        for (const j of new Set([...kept.keys(), ...others.keys()])) {
          const [a, b] = [kept.get(j), others.get(j)];
          if (a !== undefined && b !== undefined) {
            expectClose(b, a);
            continue;
          }
          different++;
          expect(distance(problem, weights, row, j, sample)).toBeLessThanOrEqual(tie);
        }
        if (options.design === "priority") expect(others.size).toBe(kept.size);
      }
      // A near-tie takes one entry for another, or shifts the walk of systematic by one.
      expect(different).toBeLessThanOrEqual(2 + 1e-3 * entries);
    });
  });
});
