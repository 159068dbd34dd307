import {
  type DesignName,
  fold,
  harmonicMean,
  independentBits,
  key,
  resolution,
  rotationBits,
  toUniform,
} from "@sus/graph";
import type { Device } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { builds, normals, onDevice, onEachBuild, type Problem, problemOf } from "../../test/problems.ts";
import { attentionForward } from "./index.ts";
import { forwardReference } from "./reference.ts";

/** A problem with d = 1 whose score of row i and key j is `row(i) · score(j)` in powers of 2, exactly in float32. */
function scored(
  length: number,
  causal: boolean,
  score: (j: number) => number,
  row = (_: number) => 1,
): Problem {
  const problem = problemOf({ length, depth: 1, causal });
  return {
    ...problem,
    scale: Math.LN2,
    q: Float32Array.from({ length }, (_, i) => row(i)),
    k: Float32Array.from({ length }, (_, j) => score(j)),
  };
}

const noise = normals(3000, 77).map((x) => Math.round(x * 8) / 8);

const problems: Readonly<Record<string, Problem>> = {
  "one key": scored(1, true, () => 3),
  "rows shorter than c": problemOf({ length: 9, depth: 4 }),
  "normal scores": problemOf({ length: 300, depth: 16, batch: 2, queryHeads: 4, keyHeads: 2 }),
  "all keys": problemOf({ length: 300, depth: 8, causal: false }),
  "chunks of keys": problemOf({ length: 1300, depth: 3 }),
  "rising along the row": scored(900, true, (j) => j / 32),
  "falling along the row": scored(900, true, (j) => -j / 32),
  "rising steeply": scored(700, false, (j) => j),
  ties: scored(900, true, () => 0.5),
  "ties of two kinds": scored(600, false, (j) => j % 2),
  "peaked rows": scored(
    900,
    true,
    (j) => (j % 100 === 7 ? 12 : 0),
    (i) => 1 + (i % 3),
  ),
  "far from 0": scored(700, true, (j) => 200 + noise[j]!),
  "two levels far apart": scored(1200, true, (j) => (j % 100 === 0 ? 1 : -150 - (j % 3))),
  "very negative": scored(700, true, (j) => (j % 5 === 0 ? noise[j]! : -1e30)),
  "−∞": scored(700, true, (j) => (j % 3 === 0 && j > 0 ? -Infinity : noise[j]!)),
};

const known = new Map<Problem, Float64Array>();

/** W in float64, computed once a problem. */
function weightsOf(problem: Problem): Float64Array {
  const weights = known.get(problem) ?? forwardReference(problem).weights;
  known.set(problem, weights);
  return weights;
}

interface Row {
  readonly row: number;
  /** The exact weights of the row's keys, and their scores less lse. */
  readonly weights: Float64Array;
  readonly key: ReturnType<typeof fold>;
  readonly kept: ReadonlyMap<number, number>;
  readonly beta: number;
}

/** Every row of a sample beside the exact weights of its keys. */
async function* rowsOf(device: Device, problem: Problem, design: DesignName, c: number): AsyncGenerator<Row> {
  const { q, k, v } = onDevice(device, problem);
  const root = key(Math.ceil(c));
  const { causal, scale, length } = problem;
  const forward = attentionForward(q, k, v, { causal, scale, sample: { design, c, key: root } });
  const { indptr, indices, data, shape } = await forward.sample!.read();
  const weights = weightsOf(problem);
  const beta = await forward.baseline!.beta.read();
  const factors = await forward.baseline!.factors.read();
  expect(shape).toEqual([weights.length / length, length]);
  for (let row = 0; row < shape[0]; row++) {
    const [from, to] = [indptr[row]!, indptr[row + 1]!];
    const kept = new Map(Array.from({ length: to - from }, (_, e) => [indices[from + e]!, data[from + e]!]));
    const ascending = [...kept.keys()].sort((a, b) => a - b);
    expect([...kept.keys()]).toEqual(ascending);
    expect(kept.size).toBe(to - from);
    for (let e = from; e < to; e++) {
      if (!isFactor(factors[e]!, data[e]!, weights[row * length + indices[e]!]!)) {
        expect.fail(`(${row}, ${indices[e]}): a factor of ${factors[e]}`);
      }
    }
    const seen = causal ? (row % length) + 1 : length;
    expect(ascending.at(-1) ?? 0).toBeLessThan(seen);
    yield {
      row,
      weights: weights.subarray(row * length, row * length + seen),
      key: fold(fold(root, Math.floor(row / length)), row % length),
      kept,
      beta: beta[row]!,
    };
  }
}

/** Whether the factor is 1/q, for a weight that is a normal number in float32. */
function isFactor(factor: number, estimate: number, weight: number): boolean {
  if (weight < 2 ** -125) return Number.isFinite(factor);
  return Math.abs(estimate / factor - weight) <= 1e-4 * weight;
}

/**
 * What was decided otherwise than by float64 weights. A decision that hangs on less than `tie`, relatively, may fall
 * either way, since the kernel's weights are float32; that may be one in a thousand.
 */
class Decisions {
  static readonly tie = 2e-5;
  readonly wrong: string[] = [];
  #count = 0;
  #close = 0;

  add(where: string, kept: boolean, wanted: boolean, close: boolean): void {
    this.#count++;
    if (close) this.#close++;
    else if (kept !== wanted) this.wrong.push(where);
  }

  /** Holds the estimate of a kept entry to float32 precision, where q may be rounded up by a step more or less. */
  estimate(where: string, actual: number, wanted: number, q = 1): void {
    const tolerance = (1e-4 + 2 * (resolution / q)) * wanted + 1e-30;
    if (!(Math.abs(actual - wanted) <= tolerance)) this.wrong.push(`${where}: ${actual}, not ${wanted}`);
  }

  check(): void {
    expect(this.wrong).toEqual([]);
    expect(this.#close).toBeLessThanOrEqual(1 + this.#count * 1e-3);
  }
}

/** The probability with which an entry of weight w > 0 is kept: a multiple of 2⁻²⁴, at least one. */
function realised(q: number): number {
  return Math.max(resolution, Math.ceil(q / resolution) * resolution);
}

// `threads.test.ts` shows that threads change nothing.
describe.each(builds.filter(({ threads }) => threads === 1))(
  "the sample in passing, relaxed SIMD $relaxed",
  (build) => {
    describe.each(Object.entries(problems))("%s", (_, problem) => {
      test.each([0.5, 30, 4000])("bernoulli, c = %d, is the sample of two passes", (c) =>
        onEachBuild(build, async (device) => {
          const decisions = new Decisions();
          for await (const { row, weights, key, kept } of rowsOf(device, problem, "bernoulli", c)) {
            for (let j = 0; j < weights.length; j++) {
              const q = Math.min(1, c * weights[j]!);
              const u = (rotationBits(key, j) >>> 8) * resolution;
              const close = q < 1 && Math.abs(u - q) <= Decisions.tie * q;
              const estimate = kept.get(j);
              decisions.add(`(${row}, ${j})`, estimate !== undefined, u < q, close);
              if (estimate === undefined || q < 100 * resolution) continue;
              decisions.estimate(`(${row}, ${j})`, estimate, weights[j]! / realised(q), q);
            }
          }
          decisions.check();
        }),
      );

      test.each([1, 30, 4000])("priority, c = %d, keeps min(c, keys) entries, those of two passes", (c) =>
        onEachBuild(build, async (device) => {
          const decisions = new Decisions();
          for await (const { row, weights, key, kept } of rowsOf(device, problem, "priority", c)) {
            expect(kept.size).toBe(Math.min(c, weights.length));
            const priorities = weights.map((w, j) => w / toUniform(independentBits(key, j)));
            const sorted = priorities.slice().sort().reverse();
            const threshold = sorted[c] ?? 0;
            const next = sorted[c - 1] ?? Infinity;
            const close = threshold === 0 || next - threshold <= Decisions.tie * threshold;
            for (let j = 0; j < weights.length; j++) {
              const estimate = kept.get(j);
              const where = `(${row}, ${j})`;
              if (weights[j]! > 0)
                decisions.add(
                  where,
                  estimate !== undefined,
                  priorities[j]! > threshold,
                  close && priorities[j] === next,
                );
              if (estimate !== undefined)
                decisions.estimate(where, estimate, Math.max(weights[j]!, threshold));
            }
          }
          decisions.check();
        }),
      );

      test("the baseline is the harmonic mean, within 5 %, or 0 where a weight vanishes", () =>
        onEachBuild(build, async (device) => {
          for await (const { weights, beta } of rowsOf(device, problem, "bernoulli", 1)) {
            const wanted = harmonicMean(weights);
            if (wanted < 2 ** -101) expect(beta).toBe(0);
            else if (wanted > 2 ** -99) expect(Math.abs(beta / wanted - 0.999)).toBeLessThanOrEqual(0.0512);
          }
        }));

      test.each([5])("systematic, c = %d, walks the row in steps of q", (c) =>
        onEachBuild(build, async (device) => {
          const decisions = new Decisions();
          for await (const { row, weights, key, kept } of rowsOf(device, problem, "systematic", c)) {
            const start = (independentBits(key, 0) >>> 8) * resolution;
            let sum = 0;
            for (let j = 0; j < weights.length; j++) {
              const q = Math.min(1, c * weights[j]!);
              const before = start + sum;
              sum += q;
              // Steps are rounded up to 2⁻²⁴, and weights to float32.
              const slack = Decisions.tie * sum + (j + 1) * resolution;
              const estimate = kept.get(j);
              const sure =
                Math.floor(before + slack) === Math.floor(before - slack) &&
                Math.floor(before + q + slack) === Math.floor(before + q - slack);
              decisions.add(
                `(${row}, ${j})`,
                estimate !== undefined,
                Math.floor(before + q) > Math.floor(before),
                !sure,
              );
              if (estimate === undefined || q < 100 * resolution) continue;
              decisions.estimate(`(${row}, ${j})`, estimate, weights[j]! / realised(q), q);
            }
          }
          expect(decisions.wrong).toEqual([]);
        }),
      );
    });
  },
);
