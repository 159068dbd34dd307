import type { Csr } from "@sus/sparse";
import { allOrNothing, type Chunk, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { AttentionResiduals, Problem } from "../problem.ts";
import entriesText from "./lib/entries.wgsl?text";
import longestText from "./lib/longest.wgsl?text";
import placeText from "./lib/place.wgsl?text";
import rowNormText from "./lib/row-norm.wgsl?text";
import teamText from "./lib/team.wgsl?text";
import { forEachPart } from "./parts.ts";
import { sizesOf, teamsOf } from "./sizes.ts";
import byEntryText from "./thin-by-entry.wgsl?text";
import byRowText from "./thin-by-row.wgsl?text";
import rowsText from "./thin-rows.wgsl?text";
import squaresText from "./thin-squares.wgsl?text";

const common = [wgsl.index, placeText, teamText];
const norms = [wgsl.squares, rowNormText];
const byRowKernel = kernel("attentionThinByRow", ...common, ...norms, entriesText, byRowText);
const rowsKernel = kernel("attentionThinRows", ...common, ...norms, rowsText);
const squaresKernel = kernel("attentionThinSquares", ...common, squaresText);
const byEntryKernel = kernel("attentionThinByEntry", ...common, entriesText, longestText, byEntryText);

const teams = 4;

interface Entries {
  readonly factor: "row" | "full";
  readonly sample: Csr;
  readonly dOut: Tensor;
  /** The entries, in windows that fit into bindings. */
  readonly windows: readonly Chunk[];
}

/** What the entries of a sample are worth to the second stage, x = f·Ŵ (`TwoStageOptions`): f32 [capacity]. */
export function worthsOf(
  device: WebGpuDevice,
  problem: Problem,
  residuals: AttentionResiduals,
  entries: Entries,
): Tensor {
  return allOrNothing((own) => {
    const worths = own(device.empty([entries.sample.capacity]));
    if (entries.factor === "row") byRow(device, problem, entries, worths);
    else byEntry(device, problem, residuals, entries, worths);
    return worths;
  });
}

function byRow(
  device: WebGpuDevice,
  problem: Problem,
  { sample: { indptr, data }, dOut, windows }: Entries,
  worths: Tensor,
): void {
  forEachPart(device, problem, { inputs: { dOut }, outputs: {} }, (part, bound) => {
    for (const window of windows) {
      device.run(byRowKernel, {
        bindings: [rowsOf(worths, window, 1), indptr, rowsOf(data, window, 1), bound.dOut],
        uniforms: { ...sizesOf(part), firstEntry: window.first, entries: window.count },
        workgroups: teamsOf(part),
      });
    }
  });
}

function byEntry(
  device: WebGpuDevice,
  problem: Problem,
  { q, k, v, out, scale }: AttentionResiduals,
  { sample: { indptr, indices, data }, dOut, windows }: Entries,
  worths: Tensor,
): void {
  const operands = { inputs: { q, k, v, out, dOut }, outputs: {} };
  forEachPart(device, problem, operands, (part, bound) => {
    const { heads, queryHeads, keyHeads, length } = part;
    const keys = ((heads * keyHeads) / queryHeads) * length;
    using rows = device.empty([heads * length, 4]);
    using squares = device.empty([keys]);
    device.run(rowsKernel, {
      bindings: [rows, bound.q, bound.out, bound.dOut],
      uniforms: sizesOf(part),
      workgroups: teamsOf(part),
    });
    device.run(squaresKernel, {
      bindings: [squares, bound.k],
      uniforms: sizesOf(part),
      workgroups: Math.ceil(keys / teams),
    });
    for (const window of windows) {
      const [to, columns, weights] = [worths, indices, data].map((tensor) => rowsOf(tensor, window, 1));
      device.run(byEntryKernel, {
        bindings: [to!, indptr, columns!, weights!, rows, squares, bound.v, bound.dOut],
        uniforms: { ...sizesOf(part), firstEntry: window.first, entries: window.count, scale },
        workgroups: teamsOf(part),
      });
    }
  });
}
