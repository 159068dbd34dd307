import { commonDevice, expectFloats, expectNumber, expectRows, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { layerNormBackwardWasm, layerNormWasm } from "./wasm.ts";
import { layerNormBackwardWebGpu, layerNormWebGpu } from "./webgpu.ts";

/** What the pullback of a layer norm needs of its forward pass: one number a row each. */
export interface LayerNormStatistics {
  readonly mean: Tensor;
  /** `1/√(variance + ε)`. */
  readonly rstd: Tensor;
}

export interface LayerNormResult extends LayerNormStatistics {
  readonly out: Tensor;
}

export interface LayerNormGradients {
  readonly dx: Tensor;
  readonly dGain: Tensor;
  readonly dBias: Tensor;
}

/**
 * Layer normalisation of every row: `out = (x − mean(x)) / √(variance(x) + ε) · gain + bias`.
 * Source: Ba, Kiros, Hinton, "Layer Normalization" (2016).
 *
 * @param x [..., width].
 * @param gain [width].
 * @param bias [width].
 * @param epsilon at least 0.
 * @returns new tensors, the caller's to dispose: `out` of the shape of `x`; `mean` and `rstd` of that less the last axis.
 * @throws ShapeError where the shapes do not fit, DeviceError where the devices differ.
 */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor, epsilon = 1e-5): LayerNormResult {
  expectFloats("layerNorm", { x, gain, bias });
  const rows = expectRows("layerNorm", "x", x, "width");
  expectShape("layerNorm", "gain", gain, [rows.width]);
  expectShape("layerNorm", "bias", bias, [rows.width]);
  expectNumber("layerNorm", "epsilon", epsilon, { atLeast: 0 });
  return onDevice(commonDevice("layerNorm", x, gain, bias), {
    wasm: (device) => layerNormWasm(device, x, gain, bias, epsilon, rows),
    webgpu: (device) => layerNormWebGpu(device, x, gain, bias, epsilon, rows),
  });
}

/**
 * The pullback of `layerNorm`. With `x̂ = (x − mean) · rstd` and `g = dOut · gain`, a row:
 * `dx = rstd · (g − average(g) − x̂ · average(g · x̂))`; over the rows: `dGain = Σ dOut · x̂` and `dBias = Σ dOut`.
 *
 * @param x the input of the forward pass, [..., width].
 * @param dOut the shape of `x`.
 * @returns new tensors, the caller's to dispose.
 * @throws ShapeError where the shapes do not fit, DeviceError where the devices differ.
 */
export function layerNormBackward(
  x: Tensor,
  gain: Tensor,
  { mean, rstd }: LayerNormStatistics,
  dOut: Tensor,
): LayerNormGradients {
  expectFloats("layerNormBackward", { x, gain, mean, rstd, dOut });
  const rows = expectRows("layerNormBackward", "x", x, "width");
  expectShape("layerNormBackward", "gain", gain, [rows.width]);
  expectShape("layerNormBackward", "mean", mean, x.shape.slice(0, -1));
  expectShape("layerNormBackward", "rstd", rstd, x.shape.slice(0, -1));
  expectShape("layerNormBackward", "dOut", dOut, x.shape);
  return onDevice(commonDevice("layerNormBackward", x, gain, mean, rstd, dOut), {
    wasm: (device) => layerNormBackwardWasm(device, x, gain, { mean, rstd }, dOut, rows),
    webgpu: (device) => layerNormBackwardWebGpu(device, x, gain, { mean, rstd }, dOut, rows),
  });
}
