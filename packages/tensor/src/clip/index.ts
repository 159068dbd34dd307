import { commonDevice, expectNumber, expectType, onDevice } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { clipByGlobalNormWasm } from "./wasm.ts";
import { clipByGlobalNormWebGpu } from "./webgpu.ts";

/**
 * Scales gradients in place so that their common norm is at most `maxNorm`: `g ← g · min(1, maxNorm/norm)` with
 * `norm = √Σ g²` over all of them, accumulated in float64 in a fixed order; on WebGPU, which has no float64, in float32 in a
 * tree, scaled where squares would overflow. Nothing is read back.
 *
 * A norm that is not a number leaves the gradients as they are; an infinite one makes them 0 and NaN.
 * Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks" (ICML 2013).
 *
 * @param gradients at least one, each listed once.
 * @param maxNorm at least 0.
 * @returns the norm before clipping, a new tensor [1], the caller's to dispose.
 * @throws ShapeError where there are none or `maxNorm` is out of range, DeviceError where the devices differ.
 */
export function clipByGlobalNorm(gradients: readonly Tensor[], maxNorm: number): Tensor {
  const [first, ...others] = gradients;
  if (first === undefined) throw new ShapeError("clipByGlobalNorm: expected at least one gradient, got none");
  for (const [i, gradient] of gradients.entries()) {
    expectType("clipByGlobalNorm", `gradients[${i}]`, gradient, "f32");
  }
  expectNumber("clipByGlobalNorm", "maxNorm", maxNorm, { atLeast: 0 });
  return onDevice(commonDevice("clipByGlobalNorm", first, ...others), {
    wasm: (device) => clipByGlobalNormWasm(device, gradients, maxNorm),
    webgpu: (device) => clipByGlobalNormWebGpu(device, gradients, maxNorm),
  });
}
