import { allOrNothing, type Tensor, type WasmDevice } from "@sus/tensor";
import { Csr } from "../csr/csr.ts";
import { countsToIndptr } from "../wasm/counts.ts";
import { grainFor } from "../wasm/grain.ts";
import { kernels } from "../wasm/kernels.ts";
import { pointers } from "../wasm/pointers.ts";

export function fromDenseWasm(device: WasmDevice, dense: Tensor): Csr {
  const [rows, columns] = dense.shape as [number, number];
  const options = { grain: grainFor(columns) };
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    device.run(kernels, "countNonzero", rows, [...pointers(device, dense, indptr), columns], options);
    const nnz = countsToIndptr("fromDense", device, indptr);
    const indices = own(device.empty([nnz], "u32"));
    const data = own(device.empty([nnz]));
    const args = [...pointers(device, dense, indptr, indices, data), columns];
    device.run(kernels, "gatherNonzero", rows, args, options);
    return new Csr([rows, columns], { indptr, indices, data });
  });
}
