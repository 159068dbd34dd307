import { kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { filled } from "../webgpu/filled.ts";
import rowOfText from "../webgpu/lib/row-of.wgsl?text";
import { rowPieces, startsOf } from "../webgpu/pieces.ts";
import scatterText from "./scatter.wgsl?text";

const scatter = kernel("toDense", wgsl.index, rowOfText, scatterText);
const workgroup = 256;

export function toDenseWebGpu(device: WebGpuDevice, { shape, indptr, indices, data, capacity }: Csr): Tensor {
  const [rows, columns] = shape;
  return filled(device, shape, (out) => {
    device.clear(out);
    for (const held of rowPieces(device, "toDense", rows, [columns])) {
      for (const entries of device.chunks("toDense", capacity, [1])) {
        device.run(scatter, {
          bindings: [
            rowsOf(out, held, columns),
            startsOf(indptr, held),
            rowsOf(indices, entries, 1),
            rowsOf(data, entries, 1),
          ],
          uniforms: { rows: held.count, columns, firstEntry: entries.first, entries: entries.count },
          workgroups: Math.ceil(entries.count / workgroup),
        });
      }
    }
  });
}
