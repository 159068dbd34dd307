import { describe, expect, test } from "vitest";
import { UsageError } from "./errors.ts";
import { expectFitting, resolveSettings } from "./settings.ts";

describe("resolveSettings", () => {
  test("fills in what follows from other options", () => {
    expect(resolveSettings({})).toMatchObject({ keyValueHeads: 4, hidden: 512, warmUp: 55, c: 30 });
    expect(resolveSettings({ activation: "swiglu", heads: 8, steps: 7 })).toMatchObject({
      keyValueHeads: 8,
      hidden: 344,
      warmUp: 1,
    });
    expect(resolveSettings({ c: "all", hidden: 3, warmUp: 0 })).toMatchObject({
      c: "all",
      hidden: 3,
      warmUp: 0,
    });
  });

  test.each([
    [{}, 60],
    [{ steps: 100_000 }, 60],
    [{ steps: 200 }, 50],
    [{ steps: 6 }, 1],
    [{ steps: 3 }, 0],
    [{ start: "runs/mine" }, 0],
    [{ c: "all" }, 0],
    [{ exactFirst: 7 }, 7],
    [{ exactFirst: 0 }, 0],
  ])("fresh weights take exact steps first: %o", (given, exactFirst) => {
    const settings = resolveSettings(given);
    expect(settings.exactFirst).toBe(exactFirst);
    expectFitting(settings);
  });

  test.each([
    [{ heads: 0 }, "--heads: expected a whole number of at least 1, got 0"],
    [{ keyValueHeads: 1.5 }, "--key-value-heads: expected a whole number of at least 1, got 1.5"],
    [{ context: "long" }, "--context: expected a whole number of at least 1, got long"],
    [{ c: 0 }, "--c: expected a number above 0, got 0"],
    [{ c: "none" }, '--c: expected a number above 0 or "all", got none'],
    [
      { design: "best" },
      "--design: expected one of bernoulli, systematic, priority, bernoulli-all, systematic-all, two-stage, two-stage-full, two-stage-all, paper, plain-systematic, plain-priority, top-k, got best",
    ],
    [{ warmUp: -1 }, "--warm-up: expected a whole number of at least 0, got -1"],
    [{ exactFirst: -1 }, "--exact-first: expected a whole number of at least 0, got -1"],
    [{ steps: -5 }, "--steps: expected a whole number of at least 1, got -5"],
    [{ steps: "many" }, "--steps: expected a whole number of at least 1, got many"],
    [{ learningRate: -1 }, "--learning-rate: expected a number above 0, got -1"],
    [{ heldOut: 1 }, "--held-out: expected a number between 0 and 1, got 1"],
    [{ variance: 0 }, "--variance: expected a number above 0 and below 10, got 0"],
    [{ threads: 0 }, "--threads: expected a whole number of at least 1, got 0"],
    [{ seed: 2 ** 53 }, "--seed: expected a whole number of at least 0, got 9007199254740992"],
  ])("refuses %o", (given, message) => {
    expect(() => resolveSettings(given)).toThrow(new UsageError(message));
  });
});

describe("expectFitting", () => {
  test.each([
    [{ width: 130 }, "--width: expected a multiple of --heads (4), got 130"],
    [{ keyValueHeads: 3 }, "--heads: expected a multiple of --key-value-heads (3), got 4"],
    [{ width: 12 }, "--width: expected an even width a head for rotary positions, got 3"],
    [{ design: "priority", c: 2.5 }, "--c: expected a whole number for --design priority, got 2.5"],
    [{ warmUp: 551 }, "--warm-up: expected at most --steps (550), got 551"],
  ])("refuses %o", (given, message) => {
    expect(() => expectFitting(resolveSettings(given))).toThrow(message);
  });

  test("takes an odd width a head with learned positions", () => {
    expectFitting(resolveSettings({ width: 12, positions: "learned" }));
  });
});
