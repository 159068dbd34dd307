import { describe, expect, test } from "vitest";
import { splitText } from "./split.ts";

describe("splitText", () => {
  const total = (ranges: readonly { begin: number; end: number }[]) =>
    ranges.reduce((sum, { begin, end }) => sum + end - begin, 0);

  test("shares out every byte once, the held-out ones along the whole text", () => {
    const { training, heldOut } = splitText(1_000_003, 0.05, 129);
    expect(heldOut).toHaveLength(3);
    const all = [...training, ...heldOut].sort((a, b) => a.begin - b.begin);
    expect(all[0]!.begin).toBe(0);
    expect(all.at(-1)!.end).toBe(1_000_003);
    for (const [index, range] of all.slice(1).entries()) expect(range.begin).toBe(all[index]!.end);
    expect(total(heldOut) / 1_000_003).toBeCloseTo(0.05, 4);
  });

  test("takes the shortest text that has one window on each side, and no shorter one", () => {
    expect(splitText(34, 0.05, 17)).toEqual({
      training: [{ begin: 0, end: 17 }],
      heldOut: [{ begin: 17, end: 34 }],
    });
    expect(() => splitText(33, 0.05, 17)).toThrow("--context: expected at most 15 for a text of 33 bytes");
    expect(() => splitText(1, 0.05, 17)).toThrow("--context: expected at most 0");
  });
});
