import { onDevice, type Tensor } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { toDenseWasm } from "./wasm.ts";
import { toDenseWebGpu } from "./webgpu.ts";

/**
 * The dense form of a matrix: 0 where nothing is stored. O(rows · columns).
 *
 * @returns f32 [rows, columns], the caller's to dispose.
 */
export function toDense(csr: Csr): Tensor {
  return onDevice(csr.device, {
    wasm: (device) => toDenseWasm(device, csr),
    webgpu: (device) => toDenseWebGpu(device, csr),
  });
}
