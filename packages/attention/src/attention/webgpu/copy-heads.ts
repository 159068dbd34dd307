import { kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import copyText from "./copy-heads.wgsl?text";

const copyKernel = kernel("copyHeads", wgsl.index, copyText);
const workgroup = 256;

/** One head of one batch of a tensor [b, n, heads, d], which may be larger than a binding. */
export interface HeadOf {
  readonly tensor: Tensor;
  readonly batch: number;
  readonly head: number;
}

/** Copies a head to a tensor of its own, [n, width], with zeros behind its columns. */
export function gatherHead(device: WebGpuDevice, from: HeadOf, to: Tensor): void {
  const [, , heads = 0, depth = 0] = from.tensor.shape;
  const [, width = 0] = to.shape;
  for (const { chunk, inChunk, inHead, count } of chunksOfHead(device, from)) {
    device.run(copyKernel, {
      bindings: [to, rowsOf(from.tensor, chunk, heads * depth)],
      uniforms: {
        ...{ rows: count, accumulate: 0 },
        ...{ outRow: inHead, outStride: width, outSkip: 0, outWidth: width },
        ...{ inRow: inChunk, inStride: heads * depth, inSkip: from.head * depth, inWidth: depth },
      },
      workgroups: Math.ceil((count * width) / workgroup),
    });
  }
}

/** Copies a tensor [n, width] back to a head, or adds it to what is there. */
export function scatterHead(device: WebGpuDevice, from: Tensor, to: HeadOf, accumulate: boolean): void {
  const [, , heads = 0, depth = 0] = to.tensor.shape;
  const [, width = 0] = from.shape;
  for (const { chunk, inChunk, inHead, count } of chunksOfHead(device, to)) {
    device.run(copyKernel, {
      bindings: [rowsOf(to.tensor, chunk, heads * depth), from],
      uniforms: {
        ...{ rows: count, accumulate: Number(accumulate) },
        ...{ outRow: inChunk, outStride: heads * depth, outSkip: to.head * depth, outWidth: depth },
        ...{ inRow: inHead, inStride: width, inSkip: 0, inWidth: depth },
      },
      workgroups: Math.ceil((count * depth) / workgroup),
    });
  }
}

/** The parts of a tensor that can be bound and hold rows of the head: how many, from which row of each. */
function* chunksOfHead(device: WebGpuDevice, { tensor, batch }: HeadOf) {
  const [batches = 0, length = 0, heads = 0, depth = 0] = tensor.shape;
  const [first, end] = [batch * length, (batch + 1) * length];
  for (const chunk of device.chunks("attention", batches * length, [heads * depth])) {
    const from = Math.max(first, chunk.first);
    const to = Math.min(end, chunk.first + chunk.count);
    if (from < to) yield { chunk, inChunk: from - chunk.first, inHead: from - first, count: to - from };
  }
}
