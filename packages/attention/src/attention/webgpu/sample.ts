import { boundStarts, Csr, type CsrTensors, countsToStarts } from "@sus/sparse";
import { allOrNothing, type Kernel, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { HeadSample } from "../budgets.ts";
import type { Problem } from "../problem.ts";
import collectText from "./collect.wgsl?text";
import exp2Text from "./lib/exp2.wgsl?text";
import slotsText from "./lib/slots.wgsl?text";
import selectText from "./select.wgsl?text";
import { placesForAll, type SlotsFor } from "./slots.ts";

const reduceWidth = "const WORKGROUP = 64u;";
const collectKernel = kernel("attentionForwardCollect", wgsl.index, exp2Text, slotsText, collectText);
const selectKernel = kernel(
  "attentionForwardSelect",
  ...[wgsl.index, exp2Text, slotsText, reduceWidth, wgsl.reduce, selectText],
);

/** Workgroups of `collect` have four teams, a team a row. */
const teams = 4;

/** What the forward pass has written for some heads of one budget: a slot a row, from this row of Ŵ on. */
export interface FilledSlots {
  readonly slots: Tensor;
  readonly budget: number;
  readonly capacity: number;
  readonly rows: number;
  readonly firstRow: number;
}

/** A sample, and the factors 1/q of its entries; those are of length 0 where no baseline is asked for. */
export interface Collected {
  readonly sample: Csr;
  readonly factors: Tensor;
}

/** A sample of which the device knows how many entries each row has: `counts`, which becomes the sample's `indptr`. */
export function collectCounted(
  device: WebGpuDevice,
  problem: Problem,
  { budgets, baseline = true }: HeadSample,
  slotsFor: SlotsFor,
  counts: Tensor,
  filled: readonly FilledSlots[],
): Collected {
  const rows = counts.size - 1;
  countsToStarts(device, "attentionForward", counts);
  const perHead = rows / budgets.length;
  const sampled = budgets.filter((c) => c > 0);
  const kinds = sampled.map((c) => ({ rows: perHead, c, most: slotsFor(c).capacity }));
  const places = Math.min(kinds.length === 0 ? 0 : placesForAll(kinds), rows * problem.length);
  boundStarts(device, "attentionForward", counts, places);
  return allOrNothing((own) => {
    const indices = own(device.empty([places], "u32"));
    const data = own(device.empty([places]));
    const factors = own(device.empty([baseline ? places : 0]));
    const to = { indptr: counts, indices, data, factors };
    moveOut(device, collectKernel, to, filled, teams);
    return { sample: new Csr([rows, problem.length], to, { counted: false }), factors };
  });
}

/** A priority sample, whose rows have known lengths. */
export function selectLargest(
  device: WebGpuDevice,
  { batch, length, queryHeads }: Problem,
  causal: boolean,
  { budgets, baseline = true }: HeadSample,
  filled: readonly FilledSlots[],
): Collected {
  const rows = batch * queryHeads * length;
  const starts = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    const budget = budgets[Math.floor(row / length) % queryHeads]!;
    starts[row + 1] = starts[row]! + Math.min(budget, causal ? (row % length) + 1 : length);
  }
  const nnz = starts[rows]!;
  return allOrNothing((own) => {
    const indptr = own(device.tensor(starts, [rows + 1]));
    const indices = own(device.empty([nnz], "u32"));
    const data = own(device.empty([nnz]));
    const factors = own(device.empty([baseline ? nnz : 0]));
    const to = { indptr, indices, data, factors };
    moveOut(device, selectKernel, to, filled, 1);
    return { sample: new Csr([rows, length], to), factors };
  });
}

/** Moves entries from the slots to their places, those that fit into one binding at a time. */
function moveOut(
  device: WebGpuDevice,
  move: Kernel,
  { indptr, indices, data, factors }: CsrTensors & { readonly factors: Tensor },
  filled: readonly FilledSlots[],
  rowsAtOnce: number,
): void {
  const hasFactors = factors.size > 0;
  for (const { slots, ...sizes } of filled) {
    for (const chunk of device.chunks("attentionForward", indices.size, [1])) {
      device.run(move, {
        bindings: [
          ...[rowsOf(indices, chunk, 1), rowsOf(data, chunk, 1), indptr, slots],
          hasFactors ? rowsOf(factors, chunk, 1) : factors,
        ],
        uniforms: { ...sizes, firstEntry: chunk.first, entries: chunk.count },
        constants: { BASELINE: Number(hasFactors) },
        workgroups: Math.ceil(sizes.rows / rowsAtOnce),
      });
    }
  }
}
