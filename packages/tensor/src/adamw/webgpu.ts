import type { WebGpuDevice } from "../webgpu/device.ts";
import { elementwiseKernel, runElementwise } from "../webgpu/elementwise.ts";
import adamwText from "./adamw.wgsl?text";
import type { AdamwOptions, AdamwState } from "./index.ts";

const adamwKernel = elementwiseKernel("adamw", adamwText);

export function adamwWebGpu(
  device: WebGpuDevice,
  { parameter, gradient, m, v }: AdamwState,
  { step, learningRate, beta1, beta2, epsilon, weightDecay }: Required<AdamwOptions>,
): void {
  runElementwise(device, adamwKernel, [parameter, m, v, gradient], {
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    stepSize: learningRate / (1 - beta1 ** step),
    rootCorrection: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon,
    keep: 1 - learningRate * weightDecay,
  });
}
