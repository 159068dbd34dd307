import type { Key } from "@sus/graph";
import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { elementwiseKernel, runElementwise } from "../webgpu/elementwise.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import uniformText from "./uniform.wgsl?text";

const uniformKernel = elementwiseKernel("randomUniform", wgsl.random, uniformText);

export function randomUniformWebGpu(
  device: WebGpuDevice,
  shape: readonly number[],
  { k0, k1 }: Key,
  low: number,
  high: number,
): Tensor {
  return withOutput(device, shape, (out) => {
    const uniforms = { k0, k1, low, span: high - low };
    runElementwise(device, uniformKernel, [out], ({ first }) => ({ ...uniforms, first }));
  });
}
