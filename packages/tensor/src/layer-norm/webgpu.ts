import { columnSumsKernel, runColumnSums, runSumRows } from "../bias/column-sums.ts";
import type { Rows } from "../checks.ts";
import { withOutputs } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { rowKernel, runRows } from "../webgpu/rows.ts";
import gainTermsText from "./gain-terms.wgsl?text";
import type { LayerNormGradients, LayerNormResult, LayerNormStatistics } from "./index.ts";
import layerNormText from "./layer-norm.wgsl?text";
import backwardText from "./layer-norm-backward.wgsl?text";

const forward = rowKernel("layerNorm", layerNormText);
const backward = rowKernel("layerNormBackward", backwardText);
const gainGradient = columnSumsKernel("gainGradient", gainTermsText);

export function layerNormWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  gain: Tensor,
  bias: Tensor,
  epsilon: number,
  { rows, width }: Rows,
): LayerNormResult {
  const aRow = x.shape.slice(0, -1);
  const [out, mean, rstd] = withOutputs(device, [x.shape, aRow, aRow], ([out, mean, rstd]) => {
    const bindings = [[out, width], [mean, 1], [rstd, 1], [x, width], gain, bias] as const;
    runRows(device, forward, { rows, width, bindings, uniforms: { width, epsilon } });
  });
  return { out, mean, rstd };
}

export function layerNormBackwardWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  gain: Tensor,
  { mean, rstd }: LayerNormStatistics,
  dOut: Tensor,
  { rows, width }: Rows,
): LayerNormGradients {
  const [dx, dGain, dBias] = withOutputs(device, [x.shape, [width], [width]], ([dx, dGain, dBias]) => {
    const bindings = [[dx, width], [x, width], gain, [mean, 1], [rstd, 1], [dOut, width]] as const;
    runRows(device, backward, { rows, width, bindings, uniforms: { width } });
    const terms = [
      [x, width],
      [dOut, width],
      [mean, 1],
      [rstd, 1],
    ] as const;
    runColumnSums(device, { kernel: gainGradient, rows, width, terms }, dGain);
    runSumRows(device, dOut, { rows, width }, dBias);
  });
  return { dx, dGain, dBias };
}
