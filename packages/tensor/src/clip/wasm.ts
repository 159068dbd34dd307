import type { Tensor } from "../tensor.ts";
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
  const norm = device.empty([1]);
  const partials = device.allocate(8 * total);
  const factor = device.allocate(4);
  try {
    let at = partials;
    for (const [i, { size }] of gradients.entries()) {
      device.run(kernels, "sumSquares", chunks[i]!, [pointers[i]!, at, size], {
        grain: elementGrain / chunkElements,
      });
      at += 8 * chunks[i]!;
    }
    device.run(kernels, "clipFactor", 1, [partials, total, device.pointer(norm), factor, maxNorm]);
    for (const [i, { size }] of gradients.entries()) {
      device.run(kernels, "clip", size, [pointers[i]!, factor], { grain: elementGrain });
    }
  } finally {
    device.free(factor);
    device.free(partials);
  }
  return norm;
}
