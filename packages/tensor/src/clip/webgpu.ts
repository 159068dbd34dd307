import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { rowsOf } from "../webgpu/chunks.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { elementwiseKernel, elementwiseWorkgroups } from "../webgpu/elementwise.ts";
import { kernel } from "../webgpu/kernel.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import clipText from "./clip.wgsl?text";
import factorText from "./factor.wgsl?text";
import sumText from "./sum-squares.wgsl?text";

const sumSquares = kernel("sumSquares", wgsl.index, wgsl.reduce, wgsl.squares, sumText);
const clipFactor = kernel("clipFactor", wgsl.reduce, wgsl.squares, factorText);
const clip = elementwiseKernel("clip", clipText);

/** Elements of a partial sum, as in the kernel. */
const chunkElements = 4096;
/** A vector of three takes the place of four. */
const partialWords = 4;

export function clipByGlobalNormWebGpu(
  device: WebGpuDevice,
  gradients: readonly Tensor[],
  maxNorm: number,
): Tensor {
  const pieces = gradients.flatMap((tensor) =>
    device.chunks("clipByGlobalNorm", tensor.size, [1]).map((chunk) => rowsOf(tensor, chunk, 1)),
  );
  const counts = pieces.map(({ count }) => Math.ceil(count / chunkElements));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return withOutput(device, [1], (norm) => {
    using partial = device.empty([Math.max(1, total), partialWords]);
    using factor = device.empty([1]);
    let first = 0;
    for (const [i, piece] of pieces.entries()) {
      const uniforms = { size: piece.count, first };
      device.run(sumSquares, { bindings: [partial, piece], uniforms, workgroups: counts[i]! });
      first += counts[i]!;
    }
    const bindings = [norm, factor, partial];
    device.run(clipFactor, { bindings, uniforms: { count: total, maxNorm }, workgroups: 1 });
    for (const piece of pieces) {
      device.run(clip, { bindings: [piece, factor], workgroups: elementwiseWorkgroups(piece.count) });
    }
  });
}
