import { expectType } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import checkText from "./check-indices.wgsl?text";
import { rowsOf } from "./chunks.ts";
import type { WebGpuDevice } from "./device.ts";
import { kernel } from "./kernel.ts";

const checkKernel = kernel("checkIndices", checkText);

/**
 * Has the GPU check that every index is below `limit` and, where it is asked for, above the one before (within one
 * binding). What is wrong is the `ShapeError` of the next read; kernels must not rely on it, but clamp their indices.
 */
export function checkIndices(
  device: WebGpuDevice,
  operation: string,
  name: string,
  indices: Tensor,
  limit: number,
  { ascending = false }: { readonly ascending?: boolean } = {},
): void {
  expectType(operation, name, indices, "u32");
  for (const chunk of device.chunks(operation, indices.size, [1])) {
    device.runCheck(checkKernel, operation, name, {
      bindings: [rowsOf(indices, chunk, 1)],
      uniforms: { count: chunk.count, first: chunk.first, limit, ascending: Number(ascending) },
      workgroups: 1,
    });
  }
}
