import type { Csr } from "@sus/sparse";
import { type Binding, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { Baseline } from "../problem.ts";
import blocksText from "./baseline-blocks.wgsl?text";
import carryText from "./baseline-carry.wgsl?text";
import rowsText from "./baseline-rows.wgsl?text";
import coefficientsText from "./coefficients.wgsl?text";
import blockText from "./lib/blocks.wgsl?text";
import entriesText from "./lib/entries.wgsl?text";
import placeText from "./lib/place.wgsl?text";
import rowTermText from "./lib/row-term.wgsl?text";
import type { Part } from "./parts.ts";
import { sizesOf } from "./sizes.ts";

const coefficientsKernel = kernel("attentionBackwardCoefficients", wgsl.index, entriesText, coefficientsText);
const common = [wgsl.index, placeText, blockText];
const blocksKernel = kernel("attentionBackwardBaselineBlocks", ...common, rowTermText, blocksText);
const carryKernel = kernel("attentionBackwardBaselineCarry", wgsl.index, blockText, carryText);
const rowsKernel = kernel("attentionBackwardBaselineRows", ...common, rowTermText, rowsText);

/** As in the kernels: rows of a block, teams of a workgroup and their threads. */
const [block, teams, threads] = [32, 4, 64];

/** `Ŵ − β/q` at the entries, what dV is sampled with above the baselines: f32 [capacity], the caller's to dispose. */
export function coefficientsOf(
  device: WebGpuDevice,
  { indptr, data, shape: [rows], capacity }: Csr,
  { beta, factors }: Baseline,
): Tensor {
  const values = device.empty([capacity]);
  for (const window of device.chunks("attentionBackward", capacity, [1])) {
    const [to, weights, inverses] = [values, data, factors].map((tensor) => rowsOf(tensor, window, 1));
    device.run(coefficientsKernel, {
      bindings: [to!, indptr, weights!, inverses!, beta],
      uniforms: { rows, firstEntry: window.first, entries: window.count },
      workgroups: Math.ceil(rows / teams),
    });
  }
  return values;
}

/** Adds `Σ_i β_i dO_i`, over the rows that see each key, to the gradient of the values of a part. */
export function addBaseline(
  device: WebGpuDevice,
  part: Part,
  { dOut, dv }: Readonly<Record<"dOut" | "dv", Binding>>,
  beta: Tensor,
  causal: boolean,
): void {
  const keyHeads = (part.heads * part.keyHeads) / part.queryHeads;
  const blocks = keyHeads * Math.ceil(part.length / block);
  using sums = device.empty([blocks, 4 * part.depth]);
  const uniforms = { ...sizesOf(part), causal: Number(causal) };
  device.run(blocksKernel, { bindings: [sums, beta, dOut], uniforms, workgroups: Math.ceil(blocks / teams) });
  const vectors = keyHeads * part.depth;
  device.run(carryKernel, { bindings: [sums], uniforms, workgroups: Math.ceil(vectors / threads) });
  device.run(rowsKernel, {
    bindings: [dv, sums, beta, dOut],
    uniforms,
    workgroups: Math.ceil(blocks / teams),
  });
}
