import { fold, key, resolution, rotationBits } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { attentionForward } from "./index.ts";

// More candidates than a row has room for: few inputs do that, so these are made to.

const root = key(9);

/** What bernoulli keeps of the last row when its scores are those given, in powers of 2, and in two passes. */
async function lastRow(device: Device, scores: Float32Array, c: number) {
  const length = scores.length;
  const shape = [1, length, 1, 1];
  const [q, k] = [device.tensor(new Float32Array(length).fill(1), shape), device.tensor(scores, shape)];
  const { sample } = attentionForward(q, k, k, {
    scale: Math.LN2,
    sample: { design: "bernoulli", c, key: root },
  });
  const { indptr, indices } = await sample!.read();
  const row = fold(fold(root, 0), length - 1);
  const peak = scores.reduce((a, b) => Math.max(a, b));
  const total = scores.reduce((sum, score) => sum + 2 ** (score - peak), 0);
  const wanted: number[] = [];
  scores.forEach((score, j) => {
    if ((rotationBits(row, j) >>> 8) * resolution < (c * 2 ** (score - peak)) / total) wanted.push(j);
  });
  return { kept: Array.from(indices).slice(indptr[length - 1], indptr[length]), wanted };
}

test.each([1, 3])("each chunk of keys outweighs all later ones, %d threads", async (threads) => {
  using device = await openDevice("wasm", { threads });
  using _ = device.scope();
  // About c candidates come from each chunk, and in the end almost all of them are dropped.
  const scores = Float32Array.from({ length: 9 * 512 }, (_, j) => -20 * Math.floor(j / 512));
  const { kept, wanted } = await lastRow(device, scores, 100);
  expect(kept).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(50);
});

test.each([
  { length: 2000, c: 1 },
  { length: 16_000, c: 4 },
])("weights that lie where the draws are low: $length keys, c = $c", async ({ length, c }) => {
  using device = await openDevice("wasm");
  using _ = device.scope();
  const row = fold(fold(root, 0), length - 1);
  const low = Math.sqrt(c / length);
  const scores = Float32Array.from({ length }, (_, j) =>
    (rotationBits(row, j) >>> 8) * resolution < 0.9 * low ? 0 : -200,
  );
  const { kept, wanted } = await lastRow(device, scores, c);
  expect(kept).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(0.8 * Math.sqrt(c * length));
});
