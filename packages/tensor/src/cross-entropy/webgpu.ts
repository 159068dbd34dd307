import { withOutputs } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { checkIndices } from "../webgpu/indices.ts";
import { rowKernel, runRows } from "../webgpu/rows.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import apartText from "./apart.wgsl?text";
import crossEntropyText from "./cross-entropy.wgsl?text";
import type { CrossEntropyResult } from "./index.ts";
import meanText from "./mean.wgsl?text";
import overText from "./over.wgsl?text";

const parts = [wgsl.exp, wgsl.log, crossEntropyText];
const apart = rowKernel("crossEntropy", apartText, ...parts);
const over = rowKernel("crossEntropy", overText, ...parts);
const mean = rowKernel("meanLoss", meanText);

export function softmaxCrossEntropyWebGpu(
  device: WebGpuDevice,
  logits: Tensor,
  targets: Tensor,
  overwrite: boolean,
): CrossEntropyResult {
  const [rows, vocabulary] = logits.shape as [number, number];
  checkIndices(device, "softmaxCrossEntropy", "targets", targets, vocabulary);
  const [loss, ...made] = withOutputs(device, overwrite ? [[1]] : [[1], logits.shape], ([loss, gradient]) => {
    using losses = device.empty([rows]);
    const matrices = [gradient ?? [], logits].flat().map((tensor) => [tensor, vocabulary] as const);
    runRows(device, gradient === undefined ? over : apart, {
      rows,
      width: vocabulary,
      bindings: [[losses, 1], [targets, 1], ...matrices],
      uniforms: { vocabulary, scale: 1 / rows },
    });
    device.run(mean, { bindings: [loss, losses], uniforms: { rows }, workgroups: 1 });
  });
  return { loss, gradient: made[0] ?? logits.share() };
}
