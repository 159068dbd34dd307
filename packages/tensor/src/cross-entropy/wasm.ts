import { withOutputs } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { withBlock } from "../wasm/block.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { expScratchBytes, rowGrain } from "../wasm/elementwise.ts";
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
  const [loss, ...made] = withOutputs(
    device,
    overwrite ? [[1]] : [[1], logits.shape],
    ([loss, gradient = logits]) => {
      withBlock(device, 8 * rows, (losses) => {
        const args = [device.pointer(logits), device.pointer(targets), losses, device.pointer(gradient)];
        device.run(kernels, "crossEntropy", rows, [...args, vocabulary, 1 / rows], {
          scratchBytes: expScratchBytes,
          grain: rowGrain(vocabulary),
        });
        device.run(kernels, "meanLoss", 1, [losses, device.pointer(loss), rows]);
      });
    },
  );
  return { loss, gradient: made[0] ?? logits.share() };
}
