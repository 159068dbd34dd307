import { withOutput } from "../device/outputs.ts";
import { runGather } from "../rows/webgpu.ts";
import type { Tensor } from "../tensor.ts";
import { rowsOf } from "../webgpu/chunks.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { checkIndices } from "../webgpu/indices.ts";
import { kernel } from "../webgpu/kernel.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import backwardText from "./embedding-backward.wgsl?text";
import markText from "./mark.wgsl?text";

const mark = kernel("embeddingMark", wgsl.index, markText);
const backward = kernel("embeddingBackward", wgsl.index, backwardText);
const workgroup = 256;

export function embeddingWebGpu(device: WebGpuDevice, table: Tensor, tokens: Tensor): Tensor {
  const [vocabulary, width] = table.shape as [number, number];
  checkIndices(device, "embedding", "tokens", tokens, vocabulary);
  return withOutput(device, [...tokens.shape, width], (out) => {
    runGather(device, table, tokens, undefined, { rows: tokens.size, width }, out);
  });
}

export function embeddingBackwardWebGpu(
  device: WebGpuDevice,
  tokens: Tensor,
  dOut: Tensor,
  vocabulary: number,
): Tensor {
  checkIndices(device, "embeddingBackward", "tokens", tokens, vocabulary);
  const width = dOut.shape.at(-1)!;
  return withOutput(device, [vocabulary, width], (dTable) => {
    device.clear(dTable);
    using marks = device.empty([vocabulary, 2], "u32");
    for (const positions of device.chunks("embeddingBackward", tokens.size, [1, width])) {
      const { count } = positions;
      const here = rowsOf(tokens, positions, 1);
      device.clear(marks);
      const workgroups = Math.ceil(count / workgroup);
      device.run(mark, { bindings: [marks, here], uniforms: { count, vocabulary }, workgroups });
      for (const { first, count: held } of device.chunks("embeddingBackward", vocabulary, [width])) {
        const rows = rowsOf(dTable, { first, count: held }, width);
        device.run(backward, {
          bindings: [rows, here, rowsOf(dOut, positions, width), marks],
          uniforms: { count, width, first, held },
          workgroups: count,
        });
      }
    }
  });
}
