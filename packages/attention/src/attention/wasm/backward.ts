import type { Csr } from "@sus/sparse";
import type { Tensor, WasmDevice } from "@sus/tensor";
import type { AttentionGradients, AttentionResiduals, Problem } from "../problem.ts";
import { kernels } from "./kernels.ts";
import { allOrNothing, borrow } from "./memory.ts";

/** Bytes of an entry in a list of entries: `ENTRY` of assembly/lib/vectors.ts. */
const entryBytes = 12;

/** The backward pass with the entries of a sample: once along the rows, once along the columns. */
export function backwardWasm(
  device: WasmDevice,
  problem: Problem,
  { q, k, v, out, scale }: AttentionResiduals,
  { indptr, indices, data, nnz }: Csr,
  dOut: Tensor,
): AttentionGradients {
  const { batch, length, queryHeads, keyHeads, depth } = problem;
  const rows = batch * queryHeads * length;
  const groups = batch * keyHeads;
  const groupRows = rows / groups;
  const slices = Math.max(1, Math.min(16, Math.floor(groupRows / 2048)));
  const at = (...tensors: Tensor[]) => tensors.map((tensor) => device.pointer(tensor));
  const run = (kernel: string, count: number, args: number[], scratch = 0) =>
    device.run(kernels, `attentionBackward${kernel}`, count, args, { scratchBytes: scratch });

  return allOrNothing((own) => {
    const dq = own(device.empty(q.shape));
    const dk = own(device.empty(k.shape));
    const dv = own(device.empty(v.shape));
    const bytes = [nnz * 4, nnz * entryBytes, groups * slices * length * 4, groups * length * 4];
    borrow(device, bytes, (gradient, entries, cursors, starts) => {
      const [sample, pattern] = [at(indptr, indices, data), at(indptr, indices)];
      run(
        "Rows",
        rows,
        [...at(k, v, out, dOut), ...sample, gradient, ...at(dq), length, queryHeads, keyHeads, depth, scale],
        (length + 3) * entryBytes,
      );
      run("Count", groups * slices, [...pattern, cursors, length, groupRows, slices]);
      run("Offsets", groups, [...at(indptr), cursors, starts, length, groupRows, slices]);
      run("Move", groups * slices, [
        ...sample,
        ...[gradient, cursors, entries],
        ...[length, groupRows, slices, queryHeads, depth],
      ]);
      run("Columns", nnz + 1, [
        ...at(q, dOut),
        ...[entries, starts],
        ...at(dk, dv),
        ...[groups * length, nnz, length, keyHeads, depth, scale],
      ]);
    });
    return { dq, dk, dv };
  });
}
