import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { elementwiseKernel, runElementwise } from "../webgpu/elementwise.ts";
import apartText from "../webgpu/lib/apart.wgsl?text";
import inPlaceText from "../webgpu/lib/in-place.wgsl?text";
import scaleText from "./scale.wgsl?text";

const apart = elementwiseKernel("scale", apartText, scaleText);
const inPlace = elementwiseKernel("scale", inPlaceText, scaleText);

export function scaleWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  factor: number | Tensor,
  given?: Tensor,
): Tensor {
  return withOutput(device, x.shape, (out) => runScale(device, x, factor, out), given);
}

/** `out` may be `x`. */
export function runScale(device: WebGpuDevice, x: Tensor, factor: number | Tensor, out: Tensor): void {
  if (x.storage === out.storage) runElementwise(device, inPlace, [out], { factor });
  else runElementwise(device, apart, [out, x], { factor });
}
