import { boundStarts, type Csr, countsToStarts } from "@sus/sparse";
import { type Binding, type Chunk, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { Problem } from "../problem.ts";
import entriesText from "./lib/entries.wgsl?text";
import piecesText from "./lib/pieces.wgsl?text";
import placeText from "./lib/place.wgsl?text";
import slicesText from "./lib/slices.wgsl?text";
import type { Part } from "./parts.ts";
import keysText from "./sample-keys.wgsl?text";
import seamsText from "./sample-seams.wgsl?text";
import columnsText from "./sort-columns.wgsl?text";
import countText from "./sort-count.wgsl?text";
import sortPlaceText from "./sort-place.wgsl?text";

const slicing = [wgsl.index, slicesText, entriesText];
const countKernel = kernel("attentionBackwardCount", ...slicing, countText);
const columnsKernel = kernel("attentionBackwardColumns", wgsl.index, columnsText);
const placeKernel = kernel("attentionBackwardPlace", ...slicing, placeText, sortPlaceText);
const pieces = [wgsl.index, placeText, piecesText];
const keysKernel = kernel("attentionBackwardKeys", ...pieces, keysText);
const seamsKernel = kernel("attentionBackwardSeams", ...pieces, seamsText);

/** As in the kernels: threads that count or place, teams of a workgroup, entries of a piece. */
const [threads, teams, piece] = [64, 4, 64];

/** Slices that keep a large GPU busy, and the fewest rows that are worth one. */
const enoughSlices = 256;
const leastRows = 64;

/** Words of a sorted entry. */
const entryWords = 4;

interface Work {
  readonly part: Part;
  readonly bound: Readonly<Record<"q" | "dOut" | "dk" | "dv", Binding>>;
  readonly sample: Csr;
  /** What dV multiplies with dO_i at the entries: Ŵ, or with a baseline Ŵ − β/q. */
  readonly values: Tensor;
  /** scale · dS at the entries. */
  readonly gradient: Tensor;
  readonly windows: readonly Chunk[];
}

/** Whether a binding has room for the sorted entries of one key head, of all query heads that it serves. */
export function keyHeadFits(device: WebGpuDevice, problem: Problem, { capacity }: Csr): boolean {
  const share = capacity / (problem.batch * problem.keyHeads);
  return Math.min(capacity, roomFor(share)) <= mostEntries(device, problem.depth / 4);
}

/** dK and dV of a part: its sample is sorted by columns, as many key heads at a time as bindings have room for. */
export function columnGradients(device: WebGpuDevice, problem: Problem, work: Work): void {
  const { part, sample } = work;
  const { capacity } = sample;
  const keyHeads = (part.heads * part.keyHeads) / part.queryHeads;
  const share = (capacity / (problem.batch * problem.queryHeads)) * (part.heads / keyHeads);
  const most = mostEntries(device, part.depth);
  const whole = part.heads === problem.batch * problem.queryHeads && capacity <= most;
  const atOnce = whole ? keyHeads : Math.max(1, Math.min(keyHeads, Math.floor(most / roomFor(share))));
  for (let first = 0; first < keyHeads; first += atOnce) {
    const heads = { first, count: Math.min(atOnce, keyHeads - first) };
    const room = whole ? capacity : Math.min(capacity, most, roomFor(share * heads.count));
    sortAndSum(device, work, heads, room);
  }
}

/** Some heads may keep more entries than others: room for twice their share. Where it is too little the next read says so. */
function roomFor(share: number): number {
  return Math.ceil(2 * share) + piece;
}

/** The most sorted entries that fit into a binding, and their pieces' sums. */
function mostEntries({ bindingBytes }: WebGpuDevice, depth: number): number {
  const bytes = 4 * Math.max(entryWords, (16 * depth) / piece);
  return Math.floor(bindingBytes / bytes / piece) * piece;
}

function sortAndSum(device: WebGpuDevice, work: Work, heads: Chunk, capacity: number): void {
  const { part, bound } = work;
  const { length, queryHeads, keyHeads, depth } = part;
  const columns = heads.count * length;
  using starts = device.empty([columns + 1], "u32");
  using sorted = device.empty([capacity, entryWords], "u32");
  sortByColumn(device, work, heads, starts, sorted);
  const piecesOf = Math.ceil(capacity / piece);
  using partial = device.empty([piecesOf, 2, 2, 4 * depth]);
  const sizes = { length, queryHeads, keyHeads, depth };
  const uniforms = { ...sizes, firstHead: heads.first, sortedHeads: heads.count, capacity };
  device.run(keysKernel, {
    bindings: [bound.dk, bound.dv, partial, sorted, starts, bound.q, bound.dOut],
    uniforms,
    workgroups: Math.ceil(piecesOf / teams),
  });
  device.run(seamsKernel, {
    bindings: [bound.dk, bound.dv, partial, starts],
    uniforms,
    workgroups: Math.ceil(columns / teams),
  });
}

/** Writes the entries in the order of their columns, within a column in that of the rows, and where each column starts. */
function sortByColumn(
  device: WebGpuDevice,
  { part, sample, values, gradient, windows }: Work,
  heads: Chunk,
  starts: Tensor,
  sorted: Tensor,
): void {
  const { length, queryHeads, keyHeads, depth, firstRow } = part;
  const { indptr, indices } = sample;
  const columns = heads.count * length;
  const slices = slicesOf(device, (queryHeads / keyHeads) * length, heads.count, length);
  using counts = device.zeros([heads.count, slices, length], "u32");
  const sizes = { length, queryHeads, keyHeads, depth, firstRow };
  const shared = {
    ...sizes,
    firstHead: heads.first,
    sortedHeads: heads.count,
    slices,
    capacity: sorted.shape[0]!,
  };
  const workgroups = heads.count * slices;
  for (const window of windows) {
    device.run(countKernel, {
      bindings: [counts, indptr, rowsOf(indices, window, 1)],
      uniforms: { ...shared, firstEntry: window.first, entries: window.count },
      workgroups,
    });
  }
  device.run(columnsKernel, {
    bindings: [counts, starts],
    uniforms: { length, sortedHeads: heads.count, slices },
    workgroups: Math.ceil(columns / threads),
  });
  countsToStarts(device, "attentionBackward", starts);
  boundStarts(device, "attentionBackward", starts, shared.capacity, " in some of the heads");
  for (const window of windows) {
    const entries = [indices, values, gradient].map((tensor) => rowsOf(tensor, window, 1));
    device.run(placeKernel, {
      bindings: [sorted, counts, starts, indptr, ...entries],
      uniforms: { ...shared, firstEntry: window.first, entries: window.count },
      workgroups,
    });
  }
}

/** How many slices to cut a key head's rows into; their counts fit into one binding. */
function slicesOf({ bindingBytes }: WebGpuDevice, rows: number, heads: number, length: number): number {
  const wanted = Math.min(Math.ceil(enoughSlices / heads), Math.ceil(rows / leastRows));
  return Math.max(1, Math.min(wanted, Math.floor(bindingBytes / 4 / (heads * length))));
}
