import { kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import { prefix } from "../prefix.ts";
import addText from "./add.wgsl?text";
import blocksText from "./blocks.wgsl?text";

const blocksKernel = kernel("scanBlocks", wgsl.index, prefix, blocksText);
const addKernel = kernel("scanAdd", wgsl.index, addText);

/** As in the kernels: places of a block, and threads of a workgroup. */
const block = 1024;
const workgroup = 256;

/**
 * Turns counts, which stand in all places of a u32 tensor but the last, into the sums of the counts before each place, in
 * place: counts a row into row starts. Whole numbers modulo 2^32, so no order of adding shows.
 */
export function countsToStarts(device: WebGpuDevice, operation: string, values: Tensor): void {
  const places = values.size;
  const blocks = Math.ceil(places / block);
  const pieces = device.chunks(operation, blocks, [block]).map(({ first, count }) => {
    const held = { first: first * block, count: Math.min(count * block, places - first * block) };
    return { ...held, firstBlock: first, blocks: count };
  });
  using sums = device.empty([blocks + 1], "u32");
  for (const piece of pieces) {
    device.run(blocksKernel, {
      bindings: [rowsOf(values, piece, 1), sums],
      uniforms: { places: piece.count, firstBlock: piece.firstBlock },
      workgroups: piece.blocks,
    });
  }
  if (blocks === 1) return;
  countsToStarts(device, operation, sums);
  for (const piece of pieces) {
    device.run(addKernel, {
      bindings: [rowsOf(values, piece, 1), sums],
      uniforms: { places: piece.count, firstBlock: piece.firstBlock },
      workgroups: Math.ceil(piece.count / workgroup),
    });
  }
}
