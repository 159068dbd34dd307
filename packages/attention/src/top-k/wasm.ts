import { Csr } from "@sus/sparse";
import { allOrNothing, DeviceError, type WasmDevice } from "@sus/tensor";
import type { AttentionResiduals, Problem } from "../attention/problem.ts";
import { kernels } from "../attention/wasm/kernels.ts";

/** Bytes of the constants of the exponential (`EXP_BYTES`), and of an entry of the heap. */
const constantBytes = 64;
const entryBytes = 8;

export function topKWasm(
  device: WasmDevice,
  { batch, length, queryHeads, keyHeads, depth }: Problem,
  { q, k, lse, causal, scale }: AttentionResiduals,
  budget: number,
): Csr {
  const rows = batch * queryHeads * length;
  const longest = Math.min(budget, length);
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    const starts = device.view(indptr);
    let nnz = 0;
    for (let row = 0; row <= rows; row++) {
      starts[row] = nnz;
      if (row < rows) nnz += causal ? Math.min(longest, (row % length) + 1) : longest;
    }
    if (nnz >= 2 ** 31) throw new DeviceError(`topK: expected fewer than 2^31 kept weights, got ${nnz}`);
    const indices = own(device.empty([nnz], "u32"));
    const data = own(device.empty([nnz]));
    const pointers = [q, k, lse, indptr, indices, data].map((tensor) => device.pointer(tensor));
    const sizes = [length, queryHeads, keyHeads, depth, Number(causal), scale];
    device.run(kernels, "attentionTopK", rows, [...pointers, ...sizes], {
      scratchBytes: constantBytes + longest * entryBytes,
    });
    return new Csr([rows, length], { indptr, indices, data });
  });
}
