import { withOutput, withOutputs } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { elementwiseKernel, runElementwise } from "../webgpu/elementwise.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import type { SwigluGradients } from "./index.ts";
import swigluText from "./swiglu.wgsl?text";
import backwardText from "./swiglu-backward.wgsl?text";

const forward = elementwiseKernel("swiglu", wgsl.exp, swigluText);
const backward = elementwiseKernel("swigluBackward", wgsl.exp, backwardText);

export function swigluWebGpu(device: WebGpuDevice, gate: Tensor, up: Tensor): Tensor {
  return withOutput(device, gate.shape, (out) => runElementwise(device, forward, [out, gate, up]));
}

export function swigluBackwardWebGpu(
  device: WebGpuDevice,
  gate: Tensor,
  up: Tensor,
  dOut: Tensor,
): SwigluGradients {
  const [dGate, dUp] = withOutputs(device, [gate.shape, gate.shape], ([dGate, dUp]) => {
    runElementwise(device, backward, [dGate, dUp, gate, up, dOut]);
  });
  return { dGate, dUp };
}
