import { withOutput } from "../device/outputs.ts";
import { runScale } from "../scale/webgpu.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { elementwiseKernel, runElementwise } from "../webgpu/elementwise.ts";
import addText from "./add.wgsl?text";
import addToText from "./add-to.wgsl?text";

const addKernel = elementwiseKernel("add", addText);
const addToKernel = elementwiseKernel("addTo", addToText);

export function addWebGpu(device: WebGpuDevice, a: Tensor, b: Tensor, given?: Tensor): Tensor {
  return withOutput(device, a.shape, (out) => runAdd(device, a, b, out), given);
}

/** `out` may be `a`, `b` or both: what is written can't be bound a second time, so that has kernels of its own. */
export function runAdd(device: WebGpuDevice, a: Tensor, b: Tensor, out: Tensor): void {
  const [overA, overB] = [a, b].map((tensor) => tensor.storage === out.storage);
  if (overA && overB) runScale(device, out, 2, out);
  else if (overA) runElementwise(device, addToKernel, [out, b]);
  else if (overB) runElementwise(device, addToKernel, [out, a]);
  else runElementwise(device, addKernel, [out, a, b]);
}
