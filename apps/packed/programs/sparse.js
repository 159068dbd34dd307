import { key } from "@sus/graph";
import { sampleRows, spmm } from "@sus/sparse";
import { openDevice } from "@sus/tensor";

/** A sample of 4 of 1,000 equal weights a row, times a column of ones: 1 on average. */
export async function run() {
  using device = await openDevice("wasm");
  const weights = device.tensor(new Float32Array(1_000_000).fill(1 / 1000), [1000, 1000]);
  const sample = sampleRows(weights, "priority", 4, key(1));
  const sums = await spmm(sample, device.tensor(new Float32Array(1000).fill(1), [1000, 1])).read();
  const mean = sums.reduce((total, sum) => total + sum) / 1000;
  return { kept: sample.nnz, unbiased: Math.abs(mean - 1) < 0.1 };
}
