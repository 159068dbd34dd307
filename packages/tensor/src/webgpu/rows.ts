import type { Tensor } from "../tensor.ts";
import { type Chunk, rowsOf } from "./chunks.ts";
import type { KernelCall, WebGpuDevice } from "./device.ts";
import { type Kernel, kernel, type Variants } from "./kernel.ts";
import rowsText from "./lib/rows.wgsl?text";
import { wgsl } from "./wgsl.ts";

/** A kernel that treats rows one by one, a workgroup each, and may reduce over them (lib/rows.wgsl, lib/reduce.wgsl). */
export function rowKernel(label: string, ...parts: readonly (string | Variants)[]): Kernel {
  return kernel(label, wgsl.index, rowsText, wgsl.reduce, ...parts);
}

/** A tensor that is split with the rows, and its elements a row; or one that every row sees whole. */
export type RowBinding = readonly [tensor: Tensor, width: number] | Tensor;

export interface RowCall {
  readonly rows: number;
  /** The elements that a workgroup walks along. */
  readonly width: number;
  readonly bindings: readonly RowBinding[];
  /** Besides `rows`, those of the call, which the kernel must have. */
  readonly uniforms?: KernelCall["uniforms"] | ((chunk: Chunk) => KernelCall["uniforms"]);
}

/** Runs such a kernel over all rows. */
export function runRows(
  device: WebGpuDevice,
  kernel: Kernel,
  { rows, width, bindings, uniforms = {} }: RowCall,
): void {
  const widths = bindings.flatMap((binding) => (isSplit(binding) ? [binding[1]] : []));
  for (const chunk of device.chunks(kernel.label, rows, widths)) {
    device.run(kernel, {
      bindings: bindings.map((each) => (isSplit(each) ? rowsOf(each[0], chunk, each[1]) : each)),
      uniforms: {
        ...(typeof uniforms === "function" ? uniforms(chunk) : uniforms),
        rows: chunk.count,
      },
      constants: { WORKGROUP: width <= 1024 ? 64 : 256 },
      workgroups: chunk.count,
    });
  }
}

function isSplit(binding: RowBinding): binding is readonly [Tensor, number] {
  return Array.isArray(binding);
}
