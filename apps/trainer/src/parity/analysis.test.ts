import { describe, expect, test } from "vitest";
import { studentQuantile } from "../statistics/student.ts";
import { analyse, type FinishedRun } from "./analysis.ts";

/** A run whose held-out loss falls from 5 by a share a step, and ends with an offset. */
function run(
  arm: string,
  order: number,
  change: Partial<FinishedRun> & { steps?: number; offset?: number; time?: number } = {},
): FinishedRun {
  const { steps = 100, offset = 0, time = 10, draw = 1 } = change;
  const points = [0, 0.25, 0.5, 0.75, 1].map((share) => share * steps);
  return {
    ...{ arm, order, draw, text: "00ff", device: "wasm, 1 thread", keptPerRow: 20 },
    heldOut: points.map((step) => ({ step, loss: 5 - (2 * step) / steps + offset + order / 10 })),
    milliseconds: Array.from({ length: steps }, (_, i) => (i === 3 ? 500 : time)),
    ...{ probeMilliseconds: 0, exactFirst: 0 },
  };
}

const exact = [1, 2, 3].map((order) => run("exact", order));

const of = (runs: readonly FinishedRun[], arm: string) => analyse(runs).find((result) => result.arm === arm)!;

describe("at equal steps", () => {
  test("differences are within orders, averaged over draws, with an interval over orders", () => {
    const offsets = [
      [0.1, 0.3],
      [0.4, 0.4],
      [0, 0],
    ];
    const sampled = offsets.flatMap((draws, i) =>
      draws.map((offset, j) => run("bernoulli, c = 8", i + 1, { offset, draw: j + 1 })),
    );
    const { atSteps, runs, heldOut } = of([...exact, ...sampled], "bernoulli, c = 8");
    expect(runs).toBe(6);
    expect(heldOut).toBeCloseTo(3 + 0.2 + 0.2, 12);
    expect(atSteps.map(({ step }) => step)).toEqual([25, 50, 75, 100]);
    const { value, standardError, high } = atSteps.at(-1)!.difference;
    // The orders' means are 0.2, 0.4 and 0: their own scatter of ±0.1 a step does not count.
    expect(value).toBeCloseTo(0.2, 12);
    expect(standardError).toBeCloseTo(0.2 / Math.sqrt(3), 12);
    expect(high).toBeCloseTo(0.2 + (studentQuantile(0.95, 2) * 0.2) / Math.sqrt(3), 10);
  });

  test("an order without its exact run does not count, and arms of other lengths are not compared", () => {
    const sampled = [1, 2, 3, 4].map((order) =>
      run("top-k, c = 8", order, { offset: order === 4 ? 9 : 0.5 }),
    );
    const short = [1, 2, 3].map((order) => run("exact, 50 steps", order, { steps: 50 }));
    const runs = [...exact, ...sampled, ...short];
    expect(of(runs, "top-k, c = 8").atSteps.at(-1)!.difference.value).toBeCloseTo(0.5, 12);
    expect(of(runs, "exact, 50 steps").atSteps).toEqual([]);
    expect(of(runs, "exact")).toMatchObject({ atSteps: [], atTime: null });
  });
});

describe("at equal time", () => {
  test("is the exact run on the way, where no exact run was planned for that time", () => {
    const fast = [1, 2, 3].map((order) => run("bernoulli, c = 8", order, { time: 5, offset: 0.2 }));
    const { atTime, millisecondsPerStep } = of([...exact, ...fast], "bernoulli, c = 8");
    // Single slow steps do not count.
    expect(millisecondsPerStep).toBe(5);
    expect(atTime!.seconds).toBeCloseTo(0.5, 12);
    // In half the time the exact run has come from 5 to 4, the sampled one to 3.2.
    expect(atTime!.difference.value).toBeCloseTo(-0.8, 12);
  });

  test("counts exact first steps as long as they take, and probes", () => {
    const slowFirst = [1, 2, 3].map((order) => ({
      ...run("bernoulli, c = 8", order, { offset: 0.2 }),
      milliseconds: Array.from({ length: 100 }, (_, i) => (i < 20 ? 10 : 5)),
      ...{ exactFirst: 20, probeMilliseconds: 100 },
    }));
    const { atTime, millisecondsPerStep } = of([...exact, ...slowFirst], "bernoulli, c = 8");
    // 20 steps of 10, 80 of 5 and one millisecond of probes a step.
    expect(millisecondsPerStep).toBeCloseTo(7, 12);
    expect(atTime!.seconds).toBeCloseTo(0.7, 12);
    // Exact training has come from 5 to 3.6, the arm to 3.2.
    expect(atTime!.difference.value).toBeCloseTo(-0.4, 12);
    const { curve } = of([...exact, ...slowFirst], "bernoulli, c = 8");
    expect(curve.map(({ seconds }) => seconds)).toEqual(
      [0, 25, 50, 75, 100].map((step) => expect.closeTo(step === 0 ? 0 : 0.22 + 0.006 * (step - 20), 12)),
    );
    // Where exact training is the shorter one, the arm is looked at on the way: at 380 ms it has made 20 + (380 − 220)/6 steps.
    const shorter = exact.map((one) => ({ ...one, milliseconds: one.milliseconds.map(() => 3.8) }));
    const lossThere = 5.2 - 2 * ((20 + 160 / 6) / 100);
    expect(of([...shorter, ...slowFirst], "bernoulli, c = 8").atTime!.difference.value).toBeCloseTo(
      lossThere - 3,
      12,
    );
  });

  test("is between the exact runs planned for less and for more time", () => {
    const fast = [1, 2, 3].map((order) => run("bernoulli, c = 8", order, { time: 5, offset: 0.2 }));
    const short = [1, 2, 3].map((order) => run("exact, 25 steps", order, { steps: 25, offset: 0.4 }));
    const { atTime } = of([...exact, ...fast, ...short], "bernoulli, c = 8");
    // Exact runs of 0.25 s and of 1 s end at 3.4 and at 3: at 3.2 in between, in logarithms of time.
    expect(atTime!.difference.value).toBeCloseTo(0, 12);
  });

  test("leaves out an order whose exact runs are not all there", () => {
    const fast = [1, 2, 3].map((order) =>
      run("bernoulli, c = 8", order, { time: 5, offset: order === 3 ? 9 : 0.2 }),
    );
    const short = [1, 2].map((order) => run("exact, 25 steps", order, { steps: 25, offset: 0.4 }));
    const { atTime, atSteps } = of([...exact, ...fast, ...short], "bernoulli, c = 8");
    expect(atTime!.difference.value).toBeCloseTo(0, 12);
    expect(atSteps.at(-1)!.difference.value).toBeCloseTo(9.4 / 3, 12);
  });

  test("is not told between runs on different devices, nor is what a step of theirs takes", () => {
    const fast = [1, 2, 3].map((order) => run("bernoulli, c = 8", order, { time: 5 }));
    const elsewhere = (one: FinishedRun) => ({ ...one, device: "wasm, 2 threads" });
    const all = of([...exact, ...fast.map(elsewhere)], "bernoulli, c = 8");
    expect(all).toMatchObject({ atTime: null, millisecondsPerStep: 5 });
    const some = [fast[0]!, elsewhere(fast[1]!), fast[2]!];
    const mixed = of([...exact, ...some], "bernoulli, c = 8");
    expect(mixed).toMatchObject({ atTime: null, millisecondsPerStep: null });
    expect(mixed.curve.map(({ seconds }) => seconds)).toEqual([null, null, null, null, null]);
    expect(mixed.atSteps.at(-1)!.difference.value).toBeCloseTo(0, 12);
    // Where exact training is what ran on two, nothing has a time to be compared at.
    const exacts = [exact[0]!, ...exact.slice(1).map(elsewhere)];
    expect(of([...exacts, ...fast], "bernoulli, c = 8").atTime).toBeNull();
  });

  test("of a slower arm is where it stands when the exact run is over", () => {
    const slow = [1, 2, 3].map((order) => run("priority, c = 8", order, { time: 20 }));
    const { atTime } = of([...exact, ...slow], "priority, c = 8");
    expect(atTime!.seconds).toBeCloseTo(1, 12);
    expect(atTime!.difference.value).toBeCloseTo(1, 12);
  });
});
