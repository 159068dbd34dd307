import { key } from "@sus/graph";
import type { Device, Tensor } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { type Csr, fromDense, sampleRows, sddmm, spmm, transposition } from "../src/index.ts";
import { toDenseReference } from "../src/toDense/reference.ts";
import { distance } from "./accuracy.ts";
import { devices, onDevice } from "./devices.ts";
import { numbers } from "./matrices.ts";

/** The backward pass of attention from an estimate of its weights, as the paper states it. */
function backward(
  weights: Csr,
  inputs: Readonly<Record<"q" | "k" | "v" | "dO" | "delta", Tensor>>,
  scale: number,
) {
  const { q, k, v, dO, delta } = inputs;
  const dS = sddmm(weights, dO, v, { times: weights.data, minus: delta });
  const columns = transposition(weights);
  return {
    dq: spmm(dS, k, { scale }),
    dk: spmm(columns.apply(dS), q, { scale }),
    dv: spmm(columns.apply(weights), dO),
  };
}

const [n, d] = [40, 12];
const scale = 1 / Math.sqrt(d);
const [q, k, v, dO] = [1, 2, 3, 4].map((seed) => numbers(n * d, seed)) as [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];

/** Causal softmax attention in float64: the weights, and D_i = dO_i · O_i. */
function forward(): { weights: Float64Array; delta: Float64Array } {
  const weights = new Float64Array(n * n);
  const delta = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const scores = Array.from({ length: i + 1 }, (_, j) => Math.exp(scale * dot(q, i, k, j)));
    const total = scores.reduce((sum, score) => sum + score);
    scores.forEach((score, j) => {
      weights[i * n + j] = score / total;
      delta[i]! += (score / total) * dot(dO, i, v, j);
    });
  }
  return { weights, delta };
}

function dot(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  let sum = 0;
  for (let t = 0; t < d; t++) sum += a[i * d + t]! * b[j * d + t]!;
  return sum;
}

/** The gradients by the dense formulas in float64, for any estimate of the weights. */
function dense(weights: ArrayLike<number>, delta: ArrayLike<number>) {
  const [dq, dk, dv] = [new Float64Array(n * d), new Float64Array(n * d), new Float64Array(n * d)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const w = weights[i * n + j]!;
      const dS = w * (dot(dO, i, v, j) - delta[i]!);
      for (let t = 0; t < d; t++) {
        dq[i * d + t]! += scale * dS * k[j * d + t]!;
        dk[j * d + t]! += scale * dS * q[i * d + t]!;
        dv[j * d + t]! += w * dO[i * d + t]!;
      }
    }
  }
  return { dq, dk, dv };
}

describe.each(devices)("the SUS backward, $name", (way) => {
  const { weights, delta } = forward();
  const attention = Float32Array.from(weights);

  test.each<[string, (device: Device) => Csr]>([
    ["all weights", (device) => fromDense(device.tensor(attention, [n, n]))],
    ["a sample", (device) => sampleRows(device.tensor(attention, [n, n]), "bernoulli", 6, key(1))],
  ])("of %s equals the dense formulas", (_, estimate) =>
    onDevice(way, async (device) => {
      const tensor = (data: Float32Array) => device.tensor(data, [n, d]);
      const kept = estimate(device);
      const inputs = { q: tensor(q), k: tensor(k), v: tensor(v), dO: tensor(dO) };
      const minus = device.tensor(Float32Array.from(delta), [n]);
      const gradients = backward(kept, { ...inputs, delta: minus }, scale);

      const exact = dense(toDenseReference(await kept.read()), delta);
      expect(distance(await gradients.dq.read(), exact.dq)).toBeLessThan(2e-6);
      expect(distance(await gradients.dk.read(), exact.dk)).toBeLessThan(2e-6);
      expect(distance(await gradients.dv.read(), exact.dv)).toBeLessThan(2e-6);
    }),
  );
});
