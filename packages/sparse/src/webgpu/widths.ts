import { type Kernel, kernel, wgsl } from "@sus/tensor";
import scalars from "./lib/scalars.wgsl?text";
import vectors from "./lib/vectors.wgsl?text";

/** A kernel on dense rows in two forms: four values at a time (lib/vectors.wgsl), or one by one (lib/scalars.wgsl). */
export interface WidthKernels {
  readonly vectors: Kernel;
  readonly scalars: Kernel;
}

/** Puts both forms together; the parts see a dense row as an array of `Value`. */
export function widthKernels(label: string, ...parts: readonly string[]): WidthKernels {
  return {
    vectors: kernel(label, wgsl.index, vectors, ...parts),
    scalars: kernel(label, wgsl.index, scalars, ...parts),
  };
}

/** How a row of `k` values is read: the form of the kernel, its values, and how many threads walk along it together. */
export function widthOf(
  { vectors, scalars }: WidthKernels,
  k: number,
  mostThreads: number,
): { kernel: Kernel; width: number; team: number } {
  const wide = k % 4 === 0;
  const width = wide ? k / 4 : k;
  const team = Math.min(mostThreads, 2 ** Math.ceil(Math.log2(Math.max(1, width))));
  return { kernel: wide ? vectors : scalars, width, team };
}
