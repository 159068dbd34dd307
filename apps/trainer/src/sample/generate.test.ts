import { key } from "@sus/graph";
import { expect, test } from "vitest";
import { type GenerateOptions, generate } from "./generate.ts";

const options = { length: 6, window: 3, key: key(1), temperature: 1, topK: 256 };

/** Counts up: after a byte comes the next one. Notes what it was shown. */
function counting(seen: number[][]) {
  return async (tokens: Uint32Array) => {
    seen.push([...tokens]);
    return new Float32Array(256).fill(-100).fill(100, tokens.at(-1)! + 1, tokens.at(-1)! + 2);
  };
}

/** Knows nothing: every byte is as likely as any other. */
const indifferent = async () => new Float32Array(256);

async function drawn(
  prompt: string,
  given: Partial<GenerateOptions>,
  next = indifferent as ReturnType<typeof counting>,
) {
  return await Array.fromAsync(generate(new TextEncoder().encode(prompt), next, { ...options, ...given }));
}

test("gives each byte after those before it, in a window that slides", async () => {
  const seen: number[][] = [];
  expect(await drawn("ab", { length: 3 }, counting(seen))).toEqual([99, 100, 101]);
  expect(seen).toEqual([
    [97, 98],
    [97, 98, 99],
    [98, 99, 100],
  ]);
});

test("begins after a line break where there is no prompt", async () => {
  const seen: number[][] = [];
  expect(await drawn("", { length: 1 }, counting(seen))).toEqual([11]);
  expect(seen).toEqual([[10]]);
});

test("draws the same with the same key, and otherwise with another", async () => {
  const first = await drawn("a", {});
  expect(first).toHaveLength(6);
  expect(await drawn("a", {})).toEqual(first);
  expect(await drawn("a", { key: key(2) })).not.toEqual(first);
});
