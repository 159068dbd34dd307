import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { withBlock } from "../wasm/block.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

/** Elements of a partial sum, as in the kernel. */
const chunkElements = 4096;

export function clipByGlobalNormWasm(
  device: WasmDevice,
  gradients: readonly Tensor[],
  maxNorm: number,
): Tensor {
  const pointers = gradients.map((gradient) => device.pointer(gradient));
  const chunks = gradients.map(({ size }) => Math.ceil(size / chunkElements));
  const total = chunks.reduce((sum, count) => sum + count, 0);
  return withOutput(device, [1], (norm) => {
    withBlock(device, 8 * (1 + total), (factor) => {
      const partials = factor + 8;
      let at = partials;
      for (const [i, { size }] of gradients.entries()) {
        const grain = elementGrain / chunkElements;
        device.run(kernels, "sumSquares", chunks[i]!, [pointers[i]!, at, size], { grain });
        at += 8 * chunks[i]!;
      }
      device.run(kernels, "clipFactor", 1, [partials, total, device.pointer(norm), factor, maxNorm]);
      for (const [i, { size }] of gradients.entries()) {
        device.run(kernels, "clip", size, [pointers[i]!, factor], { grain: elementGrain });
      }
    });
  });
}
