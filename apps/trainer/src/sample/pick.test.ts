import { describe, expect, test } from "vitest";
import { pick } from "./pick.ts";

/** The share of each token over evenly spaced uniforms: its probability to within 1/count. */
function shares(
  logits: Float32Array,
  options: { temperature: number; topK: number },
  count = 10_000,
): number[] {
  const drawn = new Array<number>(logits.length).fill(0);
  for (let i = 1; i <= count; i++) drawn[pick(logits, options, i / count)]! += 1 / count;
  return drawn;
}

describe("pick", () => {
  const logits = Float32Array.of(0, Math.log(4), Math.log(3), Math.log(2));

  test("draws with the softmax's probabilities", () => {
    const expected = [0.1, 0.4, 0.3, 0.2];
    for (const [token, share] of shares(logits, { temperature: 1, topK: 4 }).entries()) {
      expect(share).toBeCloseTo(expected[token]!, 3);
    }
  });

  test("divides the logits by the temperature", () => {
    const expected = [1 / 30, 16 / 30, 9 / 30, 4 / 30];
    for (const [token, share] of shares(logits, { temperature: 0.5, topK: 100 }).entries()) {
      expect(share).toBeCloseTo(expected[token]!, 3);
    }
  });

  test("leaves all but the topK likeliest out", () => {
    const expected = [0, 4 / 7, 3 / 7, 0];
    for (const [token, share] of shares(logits, { temperature: 1, topK: 2 }).entries()) {
      expect(share).toBeCloseTo(expected[token]!, 3);
    }
  });

  test("takes the likeliest at temperature 0, the smaller one of a tie, also for huge logits", () => {
    expect(pick(Float32Array.of(1, 3e38, 3e38), { temperature: 0, topK: 3 }, 0.9)).toBe(1);
    expect(pick(Float32Array.of(-3e38, 3e38), { temperature: 1, topK: 2 }, 1)).toBe(1);
  });
});
