import { columnSumsKernel, runColumnSums } from "../bias/column-sums.ts";
import type { Rows } from "../checks.ts";
import { withOutputs } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { rowKernel, runRows } from "../webgpu/rows.ts";
import gainTermsText from "./gain-terms.wgsl?text";
import type { RmsNormGradients, RmsNormResult } from "./index.ts";
import rmsNormText from "./rms-norm.wgsl?text";
import backwardText from "./rms-norm-backward.wgsl?text";

const forward = rowKernel("rmsNorm", rmsNormText);
const backward = rowKernel("rmsNormBackward", backwardText);
const gainGradient = columnSumsKernel("gainGradient", gainTermsText);

export function rmsNormWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  gain: Tensor,
  epsilon: number,
  { rows, width }: Rows,
): RmsNormResult {
  const [out, rstd] = withOutputs(device, [x.shape, x.shape.slice(0, -1)], ([out, rstd]) => {
    const bindings = [[out, width], [rstd, 1], [x, width], gain] as const;
    runRows(device, forward, { rows, width, bindings, uniforms: { width, epsilon } });
  });
  return { out, rstd };
}

export function rmsNormBackwardWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  gain: Tensor,
  rstd: Tensor,
  dOut: Tensor,
  { rows, width }: Rows,
): RmsNormGradients {
  const [dx, dGain] = withOutputs(device, [x.shape, [width]], ([dx, dGain]) => {
    const bindings = [[dx, width], [x, width], gain, [rstd, 1], [dOut, width]] as const;
    runRows(device, backward, { rows, width, bindings, uniforms: { width } });
    const terms = [
      [x, width],
      [dOut, width],
      [rstd, 1],
    ] as const;
    runColumnSums(device, { kernel: gainGradient, rows, width, terms }, dGain);
  });
  return { dx, dGain };
}
