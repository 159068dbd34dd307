import { rowsOf, type Tensor, type WebGpuDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { filled } from "../webgpu/filled.ts";
import rowOfText from "../webgpu/lib/row-of.wgsl?text";
import { rowPieces, startsOf } from "../webgpu/pieces.ts";
import { widthKernels, widthOf } from "../webgpu/widths.ts";
import sddmmText from "./sddmm.wgsl?text";

const kernels = widthKernels("sddmm", rowOfText, sddmmText);

/** Threads of a workgroup times entries of a team, as in the kernel. */
const blockThreads = 256 * 4;
const mostThreads = 16;

export function sddmmWebGpu(
  device: WebGpuDevice,
  { indptr, indices, shape: [rows, columns], capacity }: Csr,
  a: Tensor,
  b: Tensor,
  times: Tensor | undefined,
  minus: Tensor | undefined,
): Tensor {
  const k = a.shape[1]!;
  const { kernel, width, team } = widthOf(kernels, k, mostThreads);
  const constants = { TEAM: team, TIMES: Number(times !== undefined), MINUS: Number(minus !== undefined) };
  return filled(device, [capacity], (out) => {
    for (const held of rowPieces(device, "sddmm", rows, [k])) {
      for (const entries of device.chunks("sddmm", capacity, [1])) {
        for (const keys of device.chunks("sddmm", columns, [k])) {
          const starts = startsOf(indptr, held);
          const columnsOf = rowsOf(indices, entries, 1);
          device.run(kernel, {
            bindings: [
              rowsOf(out, entries, 1),
              ...[starts, columnsOf, rowsOf(a, held, k), rowsOf(b, keys, k)],
              // What is left out is not read, but something has to be bound.
              times === undefined ? columnsOf : rowsOf(times, entries, 1),
              minus === undefined ? starts : rowsOf(minus, held, 1),
            ],
            uniforms: {
              rows: held.count,
              firstEntry: entries.first,
              entries: entries.count,
              firstColumn: keys.first,
              columns: keys.count,
              width,
            },
            constants,
            workgroups: Math.ceil(entries.count / (blockThreads / team)),
          });
        }
      }
    }
  });
}
