import type { Tensor, WebGpuDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { countKernel, fillKernel, type Selection, select } from "../webgpu/select/index.ts";
import nonzeroText from "./nonzero.wgsl?text";

const nonzero: Selection = {
  count: countKernel("fromDenseCount", nonzeroText),
  fill: fillKernel("fromDense", nonzeroText),
};

export function fromDenseWebGpu(device: WebGpuDevice, dense: Tensor, capacity: number): Csr {
  return select(device, nonzero, dense, { operation: "fromDense", capacity });
}
