import { allOrNothing, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { endOf } from "../webgpu/pieces.ts";
import { countsToStarts } from "../webgpu/scan/index.ts";
import countText from "./count.wgsl?text";
import digitsText from "./digits.wgsl?text";
import placeText from "./place.wgsl?text";

const count = kernel("transposeCount", wgsl.index, digitsText, countText);
const place = kernel("transposePlace", wgsl.index, digitsText, placeText);

/** As in the kernels: entries of a block, and the most bits sorted by at a time. */
const block = 2048;
const mostBits = 8;

/**
 * Writes where in the matrix the entries stand, in the order of their columns and within a column in that of their rows,
 * to `permutation` u32 [capacity]. A stable radix sort: nnz · log2(columns) / 8 steps, no order of which shows.
 *
 * @returns u32 [capacity], the columns in that order, the caller's to dispose.
 */
export function sortByColumn(device: WebGpuDevice, csr: Csr, permutation: Tensor): Tensor {
  const columnBits = Math.max(1, Math.ceil(Math.log2(Math.max(1, csr.shape[1]))));
  const passes = Math.ceil(columnBits / mostBits);
  const bits = Math.ceil(columnBits / passes);
  return allOrNothing((own) => {
    const scratch = () => own(device.empty([csr.capacity], "u32"));
    let from = { columns: csr.indices, entries: csr.indices };
    for (let pass = 0; pass < passes; pass++) {
      const to = { columns: scratch(), entries: pass === passes - 1 ? permutation : scratch() };
      sortByDigit(device, csr.indptr, from, to, { BITS: bits, pass });
      if (pass > 0) for (const tensor of Object.values(from)) tensor[Symbol.dispose]();
      from = to;
    }
    return from.columns;
  });
}

interface Entries {
  readonly columns: Tensor;
  readonly entries: Tensor;
}

function sortByDigit(
  device: WebGpuDevice,
  indptr: Tensor,
  from: Entries,
  to: Entries,
  { BITS, pass }: { readonly BITS: number; readonly pass: number },
): void {
  const capacity = from.columns.size;
  const blocks = Math.ceil(capacity / block);
  const { ends, end } = endOf(indptr);
  const pieces = device.chunks("transpose", blocks, [block]).map(({ first, count }) => {
    const entries = { first: first * block, count: Math.min(count * block, capacity - first * block) };
    const shared = { firstEntry: entries.first, entries: entries.count, firstBlock: first };
    return { entries, workgroups: count, uniforms: { ...shared, blocks, shift: pass * BITS, end } };
  });
  using counts = device.empty([2 ** BITS * blocks + 1], "u32");
  for (const { entries, workgroups, uniforms } of pieces) {
    device.run(count, {
      bindings: [counts, ends, rowsOf(from.columns, entries, 1)],
      uniforms: { ...uniforms, firstOut: 0, outs: 0 },
      constants: { BITS },
      workgroups,
    });
  }
  countsToStarts(device, "transpose", counts);
  for (const { entries, workgroups, uniforms } of pieces) {
    for (const outs of device.chunks("transpose", capacity, [1])) {
      device.run(place, {
        bindings: [
          rowsOf(to.columns, outs, 1),
          rowsOf(to.entries, outs, 1),
          ends,
          rowsOf(from.columns, entries, 1),
          rowsOf(from.entries, entries, 1),
          counts,
        ],
        uniforms: { ...uniforms, firstOut: outs.first, outs: outs.count },
        constants: { BITS, NUMBER: Number(pass === 0) },
        workgroups,
      });
    }
  }
}
