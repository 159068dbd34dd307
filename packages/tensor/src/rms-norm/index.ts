import { commonDevice, expectFloats, expectNumber, expectRows, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { rmsNormBackwardWasm, rmsNormWasm } from "./wasm.ts";
import { rmsNormBackwardWebGpu, rmsNormWebGpu } from "./webgpu.ts";

export interface RmsNormResult {
  readonly out: Tensor;
  /** `1/√(average(x²) + ε)`, one number a row: what the pullback needs. */
  readonly rstd: Tensor;
}

export interface RmsNormGradients {
  readonly dx: Tensor;
  readonly dGain: Tensor;
}

/**
 * Root-mean-square normalisation of every row: `out = x / √(average(x²) + ε) · gain`.
 * Source: Zhang, Sennrich, "Root Mean Square Layer Normalization" (NeurIPS 2019).
 *
 * @param x [..., width].
 * @param gain [width].
 * @param epsilon at least 0.
 * @returns new tensors, the caller's to dispose: `out` of the shape of `x`; `rstd` of that less the last axis.
 * @throws ShapeError where the shapes do not fit, DeviceError where the devices differ.
 */
export function rmsNorm(x: Tensor, gain: Tensor, epsilon = 1e-5): RmsNormResult {
  expectFloats("rmsNorm", { x, gain });
  const rows = expectRows("rmsNorm", "x", x, "width");
  expectShape("rmsNorm", "gain", gain, [rows.width]);
  expectNumber("rmsNorm", "epsilon", epsilon, { atLeast: 0 });
  return onDevice(commonDevice("rmsNorm", x, gain), {
    wasm: (device) => rmsNormWasm(device, x, gain, epsilon, rows),
    webgpu: (device) => rmsNormWebGpu(device, x, gain, epsilon, rows),
  });
}

/**
 * The pullback of `rmsNorm`. With `x̂ = x · rstd` and `g = dOut · gain`, a row: `dx = rstd · (g − x̂ · average(g · x̂))`;
 * over the rows: `dGain = Σ dOut · x̂`.
 *
 * @param x the input of the forward pass, [..., width].
 * @param dOut the shape of `x`.
 * @returns new tensors, the caller's to dispose.
 * @throws ShapeError where the shapes do not fit, DeviceError where the devices differ.
 */
export function rmsNormBackward(x: Tensor, gain: Tensor, rstd: Tensor, dOut: Tensor): RmsNormGradients {
  expectFloats("rmsNormBackward", { x, gain, rstd, dOut });
  const rows = expectRows("rmsNormBackward", "x", x, "width");
  expectShape("rmsNormBackward", "gain", gain, [rows.width]);
  expectShape("rmsNormBackward", "rstd", rstd, x.shape.slice(0, -1));
  expectShape("rmsNormBackward", "dOut", dOut, x.shape);
  return onDevice(commonDevice("rmsNormBackward", x, gain, rstd, dOut), {
    wasm: (device) => rmsNormBackwardWasm(device, x, gain, rstd, dOut, rows),
    webgpu: (device) => rmsNormBackwardWebGpu(device, x, gain, rstd, dOut, rows),
  });
}
