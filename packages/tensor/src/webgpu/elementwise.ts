import type { Tensor } from "../tensor.ts";
import { type Chunk, rowsOf } from "./chunks.ts";
import type { KernelCall, WebGpuDevice } from "./device.ts";
import { type Kernel, kernel } from "./kernel.ts";
import elementwiseText from "./lib/elementwise.wgsl?text";
import { wgsl } from "./wgsl.ts";

/** Threads of a workgroup in lib/elementwise.wgsl. */
const workgroup = 256;

/** A kernel that treats elements one by one, in vectors of four (lib/elementwise.wgsl). */
export function elementwiseKernel(label: string, ...parts: readonly string[]): Kernel {
  return kernel(label, wgsl.index, elementwiseText, ...parts);
}

/** The workgroups that such a kernel takes for this many elements. */
export function elementwiseWorkgroups(elements: number): number {
  return Math.ceil(elements / 4 / workgroup);
}

type Uniforms = NonNullable<KernelCall["uniforms"]>;

/**
 * Runs such a kernel over all elements of the tensors, its bindings, which are of one size; its uniforms may depend on the
 * elements of a binding.
 */
export function runElementwise(
  device: WebGpuDevice,
  kernel: Kernel,
  tensors: readonly [Tensor, ...Tensor[]],
  uniforms: Uniforms | ((chunk: Chunk) => Uniforms) = {},
): void {
  const widths = tensors.map(() => 1);
  for (const chunk of device.chunks(kernel.label, tensors[0].size, widths)) {
    device.run(kernel, {
      bindings: tensors.map((tensor) => rowsOf(tensor, chunk, 1)),
      uniforms: typeof uniforms === "function" ? uniforms(chunk) : uniforms,
      workgroups: elementwiseWorkgroups(chunk.count),
    });
  }
}
