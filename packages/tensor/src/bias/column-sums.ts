import { runAdd } from "../add/webgpu.ts";
import type { Rows } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { type Chunk, rowsOf, type TensorRange } from "../webgpu/chunks.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { type Kernel, kernel } from "../webgpu/kernel.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import sumsText from "./column-sums.wgsl?text";
import rowTermsText from "./row-terms.wgsl?text";

/** Columns of a workgroup and rows of a block, as in the kernel. */
const columns = 64;
const blockRows = 64;

/** A kernel that sums terms over rows; the part says what they are. */
export function columnSumsKernel(label: string, terms: string): Kernel {
  return kernel(label, wgsl.index, terms, sumsText);
}

const rowSums = columnSumsKernel("sumRows", rowTermsText);

export interface ColumnSums extends Rows {
  readonly kernel: Kernel;
  /** What the terms are made of: tensors with their elements a row. */
  readonly terms: readonly (readonly [tensor: Tensor, width: number])[];
}

/**
 * Writes the sums over all rows to `out` [width]: blocks of rows first, then the sums of the blocks the same way, so the
 * order is fixed and the rounding error grows with the logarithm of the rows.
 */
export function runColumnSums(device: WebGpuDevice, sums: ColumnSums, out: Tensor): void {
  const { kernel, rows, width, terms } = sums;
  if (rows === 0) device.clear(out);
  const widths = terms.map(([, each]) => each);
  for (const chunk of device.chunks(kernel.label, rows, widths)) {
    if (chunk.first === 0) sumChunk(device, sums, chunk, out);
    else {
      using part = device.empty([width]);
      sumChunk(device, sums, chunk, part);
      runAdd(device, out, part, out);
    }
  }
}

/** Writes the sums over the rows of a tensor, in the same way. */
export function runSumRows(device: WebGpuDevice, x: Tensor, { rows, width }: Rows, out: Tensor): void {
  runColumnSums(device, { kernel: rowSums, rows, width, terms: [[x, width]] }, out);
}

function sumChunk(
  device: WebGpuDevice,
  { kernel, width, terms }: ColumnSums,
  chunk: Chunk,
  out: Tensor,
): void {
  const ranges = terms.map(([tensor, each]) => rowsOf(tensor, chunk, each));
  const blocks = Math.ceil(chunk.count / blockRows);
  const run = (target: Tensor) => {
    const bindings: readonly (Tensor | TensorRange)[] = [target, ...ranges];
    const workgroups = blocks * Math.ceil(width / columns);
    device.run(kernel, { bindings, uniforms: { rows: chunk.count, width }, workgroups });
  };
  if (blocks === 1) {
    run(out);
    return;
  }
  using partial = device.empty([blocks, width]);
  run(partial);
  runSumRows(device, partial, { rows: blocks, width }, out);
}
