import { allOrNothing, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { filled } from "../webgpu/filled.ts";
import rowOfText from "../webgpu/lib/row-of.wgsl?text";
import { endOf, rowPieces, startsOf } from "../webgpu/pieces.ts";
import gatherText from "./gather.wgsl?text";
import rowsText from "./rows.wgsl?text";
import { sortByColumn } from "./sort.ts";
import startsText from "./starts.wgsl?text";
import type { SortedPattern } from "./transposition.ts";

const starts = kernel("transposeStarts", wgsl.index, startsText);
const rowIndices = kernel("transposeRows", wgsl.index, rowOfText, rowsText);
const gather = kernel("gather", wgsl.index, gatherText);
const workgroup = 256;

/** The pattern sorted by column, rows ascending: a radix sort, then the places where columns begin and the rows. */
export function sortWebGpu(device: WebGpuDevice, pattern: Csr): SortedPattern {
  const { shape, capacity } = pattern;
  return allOrNothing((own) => {
    const sorted = {
      indptr: own(device.empty([shape[1] + 1], "u32")),
      indices: own(device.empty([capacity], "u32")),
      permutation: own(device.empty([capacity], "u32")),
    };
    using columns = sortByColumn(device, pattern, sorted.permutation);
    writeStarts(device, pattern, columns, sorted.indptr);
    writeRows(device, pattern, sorted);
    return sorted;
  });
}

function writeStarts(device: WebGpuDevice, { indptr, capacity }: Csr, columns: Tensor, out: Tensor): void {
  if (capacity === 0) device.clear(out);
  const { ends, end } = endOf(indptr);
  for (const held of device.chunks("transpose", out.size, [1])) {
    for (const entries of device.chunks("transpose", capacity, [1])) {
      device.run(starts, {
        bindings: [rowsOf(out, held, 1), ends, rowsOf(columns, entries, 1)],
        uniforms: { ...held, firstEntry: entries.first, entries: entries.count, end },
        workgroups: Math.ceil(held.count / workgroup),
      });
    }
  }
}

function writeRows(
  device: WebGpuDevice,
  { shape: [rows], indptr, capacity }: Csr,
  { indices, permutation }: SortedPattern,
): void {
  const { ends, end } = endOf(indptr);
  for (const held of rowPieces(device, "transpose", rows, [])) {
    for (const entries of device.chunks("transpose", capacity, [1])) {
      device.run(rowIndices, {
        bindings: [
          rowsOf(indices, entries, 1),
          ends,
          startsOf(indptr, held),
          rowsOf(permutation, entries, 1),
        ],
        uniforms: {
          rows: held.count,
          firstRow: held.first,
          firstEntry: entries.first,
          entries: entries.count,
          end,
        },
        workgroups: Math.ceil(entries.count / workgroup),
      });
    }
  }
}

/** out[q] = data[permutation[q]] for the entries of the transposed matrix, which `indptr` counts. */
export function gatherWebGpu(
  device: WebGpuDevice,
  data: Tensor,
  { indptr, permutation }: SortedPattern,
): Tensor {
  const { ends, end } = endOf(indptr);
  return filled(device, permutation.shape, (out) => {
    for (const entries of device.chunks("transpose", permutation.size, [1])) {
      for (const held of device.chunks("transpose", data.size, [1])) {
        device.run(gather, {
          bindings: [rowsOf(out, entries, 1), ends, rowsOf(permutation, entries, 1), rowsOf(data, held, 1)],
          uniforms: {
            firstEntry: entries.first,
            entries: entries.count,
            firstData: held.first,
            datas: held.count,
            end,
          },
          workgroups: Math.ceil(entries.count / workgroup),
        });
      }
    }
  });
}
