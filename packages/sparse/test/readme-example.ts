import { key } from "@sus/graph";
import { sampleRows, sddmm, spmm, transposition } from "@sus/sparse";
import { openDevice, type TypedArray } from "@sus/tensor";

/** The gradients of attention, O = W V with W = softmax(Q Kᵀ), through about two weights a row. */
export async function gradients(): Promise<readonly TypedArray[]> {
  using device = await openDevice("wasm", { threads: 1 });
  // Two queries, three keys, heads of width one; delta_i = dO_i · O_i.
  const w = device.tensor(Float32Array.of(0.75, 0.125, 0.125, 0.25, 0.5, 0.25), [2, 3]);
  const q = device.tensor(Float32Array.of(1, 2), [2, 1]);
  const k = device.tensor(Float32Array.of(1, 0, -1), [3, 1]);
  const v = device.tensor(Float32Array.of(3, 1, 2), [3, 1]);
  const dO = device.tensor(Float32Array.of(1, -1), [2, 1]);
  const delta = device.tensor(Float32Array.of(2.625, -1.75), [2]);

  // Each weight stays with probability min(1, 2 w) and is divided by it: right on average.
  const sample = sampleRows(w, "bernoulli", 2, key(1));
  const dS = sddmm(sample, dO, v, { times: sample.data, minus: delta });
  const columns = transposition(sample);
  const dq = spmm(dS, k);
  const dk = spmm(columns.apply(dS), q);
  const dv = spmm(columns.apply(sample), dO);
  return Promise.all([dq, dk, dv].map((gradient) => gradient.read()));
}
