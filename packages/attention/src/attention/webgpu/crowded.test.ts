import { fold, key, resolution, rotationBits } from "@sus/graph";
import type { Device } from "@sus/tensor";
import { expect, test } from "vitest";
import { onEachGpu, onWasm } from "../../../test/gpu.ts";
import { onDevice, type Problem, problemOf } from "../../../test/problems.ts";
import { attentionForward } from "../index.ts";

const length = 1600;
const last = length - 1;
const root = key(4);

/** The random number of the last row and key j. */
const drawn = (j: number) => (rotationBits(fold(fold(root, 0), last), j) >>> 8) * resolution;

/** The keys that have the last row's smallest random numbers: dependent draws would keep all of them, or none. */
const chosen = Array.from({ length }, (_, j) => j).filter((j) => drawn(j) < 1 / 45);

const sample = { design: "bernoulli", c: 1, key: root } as const;

/** Weights made against the random numbers of the last row: 1 over the number of chosen keys for those, 0 for others. */
const problem: Problem = {
  ...problemOf({ length, depth: 1 }),
  scale: 1,
  q: Float32Array.from({ length }, (_, i) => (i === last ? 1 : 0)),
  k: Float32Array.from({ length }, (_, j) => (chosen.includes(j) ? 0 : -1000)),
};

onEachGpu("a row that keeps more than its slot holds", 2 ** 18, (run) => {
  test("is thinned, to every second entry of twice the weight", () =>
    run(async (device) => {
      // At c = 1 a slot has 28 places.
      expect(chosen.length).toBeGreaterThan(28);
      const { q, k, v } = onDevice(device, problem);
      const forward = attentionForward(q, k, v, { scale: 1, sample });
      const { indptr, indices, data } = await forward.sample!.read();
      const factors = await forward.baseline!.factors.read();
      const places = Array.from({ length: indptr[last + 1]! - indptr[last]! }, (_, e) => indptr[last]! + e);
      const columns = places.map((e) => indices[e]!);
      const first = chosen.indexOf(columns[0]!);
      expect([0, 1]).toContain(first);
      expect(columns).toEqual(chosen.filter((_, rank) => rank % 2 === first));
      // q = c·W, so the estimate of what is kept is W/q = 1, here times 2.
      for (const e of places) {
        expect(data[e]).toBeCloseTo(2, 4);
        expect(factors[e]! / chosen.length).toBeCloseTo(2, 4);
      }
      // The other rows' weights are all alike.
      for (let row = 0; row < last; row++) expect(indptr[row + 1]! - indptr[row]!).toBeLessThanOrEqual(28);
    }));

  test("only until its last key is seen: it keeps what two passes would", async () => {
    // Key 0, the last one in passing, outweighs all others; before it the row is as above.
    const outweighed = { ...problem, k: problem.k.map((score, j) => (j === 0 ? 20 : score)) };
    const lastRow = async (device: Device) => {
      const { q, k, v } = onDevice(device, outweighed);
      const { indptr, indices, data } = await attentionForward(q, k, v, { scale: 1, sample }).sample!.read();
      const [from, to] = [indptr[last]!, indptr[last + 1]!];
      return [Array.from(indices).slice(from, to), Array.from(data).slice(from, to)];
    };
    await run(async (device) => expect(await lastRow(device)).toEqual([[0], [1]]));
    await onWasm(async (device) => expect(await lastRow(device)).toEqual([[0], [1]]));
  });
});
