import { commonDevice, expectShape, expectType, onDevice, type Tensor } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { sddmmWasm } from "./wasm.ts";
import { sddmmWebGpu } from "./webgpu.ts";

export interface SddmmOptions {
  /** f32 [capacity]: a factor for each entry; `pattern.data` gives the element-wise product with the pattern. Default 1. */
  readonly times?: Tensor;
  /** f32 [rows]: taken off every dot product of its row before the factor. Default 0. */
  readonly minus?: Tensor;
}

/**
 * The sampled dense-dense product: `out_ij = times_ij · (a_i · b_j − minus_i)` at the entries (i, j) of a pattern, and
 * nowhere else. Only the positions of `pattern` count, not its values, as in cuSPARSE and PyTorch. O(nnz · k).
 *
 * The score gradient of SUS, `dS_ij = Ŵ_ij (dO_i · V_j − D_i)`, is `sddmm(w, dO, v, { times: w.data, minus: d })`.
 *
 * @param pattern [rows, columns].
 * @param a f32 [rows, k].
 * @param b f32 [columns, k].
 * @returns a matrix on the same pattern (whose `indptr` and `indices` it shares), the caller's to dispose.
 * @throws ShapeError where shapes or types do not fit, DeviceError where the devices differ.
 */
export function sddmm(pattern: Csr, a: Tensor, b: Tensor, options: SddmmOptions = {}): Csr {
  const [rows, columns] = pattern.shape;
  const { times, minus } = options;
  const [, k] = expectShape("sddmm", "a", a, [rows, "k"]);
  expectShape("sddmm", "b", b, [columns, k!]);
  if (times) expectShape("sddmm", "times", times, [pattern.capacity]);
  if (minus) expectShape("sddmm", "minus", minus, [rows]);
  const dense = Object.entries({ a, b, times, minus }).filter(
    (entry): entry is [string, Tensor] => !!entry[1],
  );
  for (const [name, tensor] of dense) expectType("sddmm", name, tensor, "f32");
  const device = commonDevice("sddmm", pattern.indices, ...dense.map(([, tensor]) => tensor));
  const data = onDevice(device, {
    wasm: (wasm) => sddmmWasm(wasm, pattern, a, b, times, minus),
    webgpu: (gpu) => sddmmWebGpu(gpu, pattern, a, b, times, minus),
  });
  return pattern.withData(data);
}
