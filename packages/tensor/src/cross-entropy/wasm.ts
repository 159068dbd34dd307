import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { rowGrain } from "../wasm/elementwise.ts";
import { checkIndices } from "../wasm/indices.ts";
import { kernels } from "../wasm/kernels.ts";
import type { CrossEntropyResult } from "./index.ts";

export function softmaxCrossEntropyWasm(
  device: WasmDevice,
  logits: Tensor,
  targets: Tensor,
  overwrite: boolean,
): CrossEntropyResult {
  const [rows, vocabulary] = logits.shape as [number, number];
  checkIndices(device, "softmaxCrossEntropy", "targets", targets, vocabulary);
  const loss = device.empty([1]);
  const gradient = overwrite ? logits.share() : device.empty(logits.shape);
  const losses = device.allocate(8 * rows);
  try {
    const args = [device.pointer(logits), device.pointer(targets), losses, device.pointer(gradient)];
    device.run(kernels, "crossEntropy", rows, [...args, vocabulary, 1 / rows], {
      grain: rowGrain(vocabulary),
    });
    device.run(kernels, "meanLoss", 1, [losses, device.pointer(loss), rows]);
  } finally {
    device.free(losses);
  }
  return { loss, gradient };
}
