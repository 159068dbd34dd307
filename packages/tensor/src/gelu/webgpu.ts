import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { elementwiseKernel, runElementwise } from "../webgpu/elementwise.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import gateText from "./gate.wgsl?text";
import geluText from "./gelu.wgsl?text";
import backwardText from "./gelu-backward.wgsl?text";

const forward = elementwiseKernel("gelu", wgsl.exp, gateText, geluText);
const backward = elementwiseKernel("geluBackward", wgsl.exp, gateText, backwardText);

export function geluWebGpu(device: WebGpuDevice, x: Tensor): Tensor {
  return withOutput(device, x.shape, (out) => runElementwise(device, forward, [out, x]));
}

export function geluBackwardWebGpu(device: WebGpuDevice, x: Tensor, dOut: Tensor): Tensor {
  return withOutput(device, x.shape, (dx) => runElementwise(device, backward, [dx, x, dOut]));
}
