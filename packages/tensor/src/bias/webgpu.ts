import type { Rows } from "../checks.ts";
import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { rowsOf } from "../webgpu/chunks.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { kernel } from "../webgpu/kernel.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import addBiasText from "./add-bias.wgsl?text";
import { runSumRows } from "./column-sums.ts";

const addBiasKernel = kernel("addBias", wgsl.index, addBiasText);
const workgroup = 256;

export function addBiasWebGpu(device: WebGpuDevice, x: Tensor, bias: Tensor, { rows, width }: Rows): Tensor {
  return withOutput(device, x.shape, (out) => {
    for (const chunk of device.chunks("addBias", rows, [width, width])) {
      const size = chunk.count * width;
      device.run(addBiasKernel, {
        bindings: [rowsOf(out, chunk, width), rowsOf(x, chunk, width), bias],
        uniforms: { size, width },
        workgroups: Math.ceil(size / workgroup),
      });
    }
  });
}

export function sumRowsWebGpu(device: WebGpuDevice, x: Tensor, rows: Rows): Tensor {
  return withOutput(device, [rows.width], (out) => runSumRows(device, x, rows, out));
}
