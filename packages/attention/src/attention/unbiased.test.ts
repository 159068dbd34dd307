import { designs, float64, fold, key, multiplier, type Random, type Sample, thin } from "@sus/graph";
import { expectation, finiteDifferences, zScores } from "@sus/graph/testing";
import { openDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { onDevice, type Problem, problemOf } from "../../test/problems.ts";
import { attentionBackward, attentionForward } from "./index.ts";
import { backwardReference, forwardReference } from "./reference.ts";

type Gradients = ReturnType<typeof backwardReference>;

function joined({ dq, dk, dv }: Gradients): Float64Array {
  return Float64Array.of(...dq, ...dk, ...dv);
}

/** The sum of `out · dOut`, whose gradient the backward pass computes, as a function of q, k and v joined. */
function objective(problem: Problem): (inputs: ArrayLike<number>) => number {
  return (inputs) => {
    const values = Array.from(inputs);
    const [q, k] = [problem.q.length, problem.k.length];
    const moved = { q: values.slice(0, q), k: values.slice(q, q + k), v: values.slice(q + k) };
    const { out } = forwardReference({ ...problem, ...moved });
    return out.reduce((sum, x, i) => sum + x * problem.dOut[i]!, 0);
  };
}

describe("the reference in float64", () => {
  test.each([
    problemOf({ length: 4, depth: 3 }),
    problemOf({ length: 3, depth: 2, batch: 2, queryHeads: 4, keyHeads: 2, causal: false }),
  ])("its gradient is that of finite differences", (problem) => {
    const forward = forwardReference(problem);
    const gradient = joined(backwardReference(problem, forward, problem.dOut));
    const inputs = [...problem.q, ...problem.k, ...problem.v];
    const wanted = finiteDifferences(objective(problem), inputs);
    for (let i = 0; i < gradient.length; i++) expect(gradient[i]).toBeCloseTo(wanted[i]!, 7);
  });

  const problem = problemOf({ length: 4, depth: 2, spread: 1.5 });
  const { length } = problem;
  const { out, weights } = forwardReference(problem);
  const importances = [1, 0.01, 7, 0, 0.3];

  /** What a second stage keeps of all rows together, with the same λ for all: given, or solved from the first stage. */
  function thinned(rows: readonly Sample[], lambda: number | undefined, random: Random): readonly Sample[] {
    const factors = rows.map(({ indices }, i) => Array.from(indices, (j) => importances[(3 * i + j) % 5]!));
    const worths = rows.flatMap(({ estimates }, i) => Array.from(estimates, (w, e) => w * factors[i]![e]!));
    const positive = worths.filter((worth) => worth > 0);
    if (lambda === undefined && positive.length <= length) return rows;
    const common = lambda ?? multiplier(Float64Array.from(worths), length);
    return rows.map((row, i) => thin(row, factors[i]!, common, random));
  }

  test.each([
    { c: 0.7, beta: () => 0, stages: 1 },
    { c: 1.5, beta: (i: number) => 0.3 * i - 0.5, stages: 1 },
    { c: 3, beta: (i: number) => 2 - i, stages: 1 },
    { c: 1.2, beta: (i: number) => 0.3 * i - 0.5, stages: 2, lambda: 0.6 },
    { c: 3, beta: (i: number) => 2 - i, stages: 2, lambda: 20 },
    { c: 1.5, beta: () => 0.1, stages: 2 },
    { c: 4, beta: () => 0, stages: 2 },
    { c: 1.5, beta: (i: number) => 0.3 * i - 0.5, stages: 1, reach: 4 },
    { c: 1.5, beta: (i: number) => 0.3 * i - 0.5, stages: 1, reach: 2 },
    { c: 1.2, beta: (i: number) => 2 - i, stages: 2, reach: 2 },
  ])(
    "the sampled gradient is right on average over every outcome: c = $c, $stages stages, λ $lambda, $reach keys covered",
    ({ c, beta, stages, lambda, reach }) => {
      const sampled = expectation((random) => {
        const first = Array.from({ length }, (_, i) =>
          designs.bernoulli(weights.subarray(i * length, i * length + i + 1), c, random),
        );
        const kept = stages === 1 ? first : thinned(first, lambda, random);
        const estimate = new Float64Array(weights.length);
        const factors = new Float64Array(weights.length);
        kept.forEach(({ indices, probabilities, estimates }, i) => {
          indices.forEach((j, e) => {
            estimate[i * length + j] = estimates[e]!;
            factors[i * length + j] = 1 / probabilities[e]!;
          });
        });
        const covered = (_: number, i: number) => (reach === undefined ? 0 : Math.min(i + 1, reach));
        const baseline = { beta: Float64Array.from({ length }, (_, i) => beta(i)), factors, covered };
        return joined(backwardReference(problem, { out, weights: estimate, baseline }, problem.dOut));
      }, float64);
      const exact = joined(backwardReference(problem, { out, weights }, problem.dOut));
      for (let i = 0; i < exact.length; i++) {
        expect(Math.abs(sampled[i]! - exact[i]!)).toBeLessThanOrEqual(
          1e-12 * Math.max(1, Math.abs(exact[i]!)),
        );
      }
    },
  );
});

// Bernoulli and two stages are exact above; all are measured. 12 cases, each with a false alarm in 10⁻⁷.
test.each(
  (["bernoulli", "priority", "systematic", "two-stage"] as const).flatMap((design) =>
    ([true, false, "all"] as const).map((baseline) => ({ design, baseline })),
  ),
)(
  "$design, baseline $baseline: the mean of sampled gradients is the exact gradient, but for chance",
  async ({ design, baseline }) => {
    using device = await openDevice("wasm", { threads: 1 });
    // Beyond the first block of 64 rows the baseline reaches dQ and dK.
    const length = baseline === "all" ? 80 : 24;
    const problem = problemOf({ length, depth: 4, queryHeads: 2, spread: baseline === "all" ? 0.5 : 1 });
    const { q, k, v, dOut } = onDevice(device, problem);
    const samples: Float64Array[] = [];
    for (let seed = 0; seed < 1500; seed++) {
      using _ = device.scope();
      const forward = attentionForward(q, k, v, {
        sample: { design, c: 4, key: fold(key(11), seed), baseline },
      });
      const { dq, dk, dv } = attentionBackward(forward, forward.sample!, dOut);
      samples.push(Float64Array.of(...(await dq.read()), ...(await dk.read()), ...(await dv.read())));
    }
    const exact = joined(backwardReference(problem, forwardReference(problem), problem.dOut));
    // What never varies is kept in full every time, up to float32.
    const varies = exact.map((_, i) => Number(samples.some((sample) => sample[i] !== samples[0]![i])));
    const varying = (values: Float64Array) => values.filter((_, i) => varies[i] === 1);
    exact.forEach((x, i) => {
      if (varies[i] === 0) expect(samples[0]![i]).toBeCloseTo(x, 5);
    });
    const { worst, limit } = zScores(samples.map(varying), varying(exact), 1e-7);
    expect(worst).toBeLessThan(limit);
  },
);
