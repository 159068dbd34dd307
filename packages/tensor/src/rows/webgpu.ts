import type { Rows } from "../checks.ts";
import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { rowsOf } from "../webgpu/chunks.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { kernel } from "../webgpu/kernel.ts";
import { rowKernel, runRows } from "../webgpu/rows.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import factorsText from "./factors.wgsl?text";
import gatherText from "./gather.wgsl?text";
import noFactorsText from "./no-factors.wgsl?text";
import normsText from "./row-norms.wgsl?text";
import scatterText from "./scatter.wgsl?text";

const norms = rowKernel("rowNorms", wgsl.squares, normsText);
const gather = kernel("gatherRows", wgsl.index, noFactorsText, gatherText);
const gatherScaled = kernel("gatherRows", wgsl.index, factorsText, gatherText);
const scatter = kernel("scatterRows", wgsl.index, scatterText);
const workgroup = 256;

export function rowNormsWebGpu(device: WebGpuDevice, x: Tensor, { rows, width }: Rows): Tensor {
  return withOutput(device, [rows], (out) => {
    runRows(device, norms, {
      rows,
      width,
      bindings: [
        [out, 1],
        [x, width],
      ],
      uniforms: { width },
    });
  });
}

/** `rows` are those to gather. */
export function gatherRowsWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  indices: Tensor,
  factors: Tensor | undefined,
  rows: Rows,
): Tensor {
  return withOutput(device, [rows.rows, rows.width], (out) => {
    runGather(device, x, indices, factors, rows, out);
  });
}

/** Writes the rows of `x` at these indices to `out`, through pieces of both that fit into bindings. */
export function runGather(
  device: WebGpuDevice,
  x: Tensor,
  indices: Tensor,
  factors: Tensor | undefined,
  { rows, width }: Rows,
  out: Tensor,
): void {
  const height = width === 0 ? 0 : x.size / width;
  for (const gathered of device.chunks("gatherRows", rows, [width, 1])) {
    const size = gathered.count * width;
    const scaling = factors === undefined ? [] : [rowsOf(factors, gathered, 1)];
    for (const held of device.chunks("gatherRows", height, [width])) {
      device.run(factors === undefined ? gather : gatherScaled, {
        bindings: [
          rowsOf(out, gathered, width),
          rowsOf(x, held, width),
          rowsOf(indices, gathered, 1),
          ...scaling,
        ],
        uniforms: { size, width, first: held.first, held: held.count, last: height - 1 },
        workgroups: Math.ceil(size / workgroup),
      });
    }
  }
}

/** `rows` are those to scatter. */
export function scatterRowsWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  indices: Tensor,
  shape: readonly number[],
  { rows, width }: Rows,
): Tensor {
  return withOutput(device, shape, (out) => {
    device.clear(out);
    for (const given of device.chunks("scatterRows", rows, [width, 1])) {
      const size = given.count * width;
      for (const held of device.chunks("scatterRows", width === 0 ? 0 : out.size / width, [width])) {
        device.run(scatter, {
          bindings: [rowsOf(out, held, width), rowsOf(x, given, width), rowsOf(indices, given, 1)],
          uniforms: { size, width, first: held.first, held: held.count },
          workgroups: Math.ceil(size / workgroup),
        });
      }
    }
  });
}
