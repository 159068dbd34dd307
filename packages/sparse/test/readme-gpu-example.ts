import { Csr, sddmm } from "@sus/sparse";
import { WebGpuDevice } from "@sus/tensor";

/** What the product reads and writes: buffers of any program, of the usages STORAGE, COPY_SRC and COPY_DST. */
export interface Buffers {
  readonly indptr: GPUBuffer; // u32 [rows + 1]
  readonly indices: GPUBuffer; // u32 [nnz], ascending within a row
  readonly weights: GPUBuffer; // f32 [nnz]
  readonly a: GPUBuffer; // f32 [rows, k]
  readonly b: GPUBuffer; // f32 [columns, k]
  readonly out: GPUBuffer; // f32 [nnz]
}

/** out = weights ∘ (A Bᵀ) at the stored entries, on the GPU all the way. */
export async function sampledProduct(
  device: GPUDevice,
  { indptr, indices, weights, a, b, out }: Buffers,
  { rows, columns, k, nnz }: Readonly<Record<"rows" | "columns" | "k" | "nnz", number>>,
): Promise<void> {
  using gpu = await WebGpuDevice.open({ device });
  const data = gpu.wrap(weights, [nnz]);
  const pattern = new Csr([rows, columns], {
    indptr: gpu.wrap(indptr, [rows + 1], "u32"),
    indices: gpu.wrap(indices, [nnz], "u32"),
    data,
  });
  const product = sddmm(pattern, gpu.wrap(a, [rows, k]), gpu.wrap(b, [columns, k]), { times: data });

  gpu.flush();
  const commands = device.createCommandEncoder();
  commands.copyBufferToBuffer(gpu.buffer(product.data), 0, out, 0, 4 * nnz);
  device.queue.submit([commands.finish()]);
  await gpu.settle(); // rejects with whatever went wrong
}
