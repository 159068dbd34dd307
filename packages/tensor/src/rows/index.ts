import { commonDevice, expectFloats, expectRows, expectShape, expectType, onDevice } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { checkIndices } from "../webgpu/indices.ts";
import { expectIndicesWasm, gatherRowsWasm, rowNormsWasm, scatterRowsWasm } from "./wasm.ts";
import { gatherRowsWebGpu, rowNormsWebGpu, scatterRowsWebGpu } from "./webgpu.ts";

/**
 * The Euclidean norm of each row: `out[t] = √Σ_j x[t, j]²`, 0 only for a row of zeros (on WebGPU also for one of numbers
 * below 2⁻¹²⁶, which a GPU may take for 0).
 *
 * @param x [..., width].
 * @returns a new tensor [rows], the caller's to dispose.
 * @throws ShapeError where `x` has no axis.
 */
export function rowNorms(x: Tensor): Tensor {
  expectFloats("rowNorms", { x });
  const rows = expectRows("rowNorms", "x", x, "width");
  return onDevice(x.device, {
    wasm: (device) => rowNormsWasm(device, x, rows),
    webgpu: (device) => rowNormsWebGpu(device, x, rows),
  });
}

/**
 * Some rows of a matrix, each multiplied by its factor: `out[r, j] = factors[r] · x[indices[r], j]`.
 *
 * @param x [..., width].
 * @param indices [count], u32: rows of `x`, counted through all axes but the last, in any order.
 * @param factors [count]; absent: all 1.
 * @returns a new tensor [count, width], the caller's to dispose.
 * @throws ShapeError where shapes or types do not fit and for an index that is no row (on WebGPU by the next read),
 *   DeviceError where the devices differ.
 */
export function gatherRows(x: Tensor, indices: Tensor, factors?: Tensor): Tensor {
  expectFloats("gatherRows", { x, ...(factors ? { factors } : {}) });
  const { rows, width } = expectRows("gatherRows", "x", x, "width");
  expectType("gatherRows", "indices", indices, "u32");
  const [count] = expectShape("gatherRows", "indices", indices, ["count"]) as [number];
  if (factors) expectShape("gatherRows", "factors", factors, [count]);
  const device = commonDevice("gatherRows", x, indices, ...(factors ? [factors] : []));
  return onDevice(device, {
    wasm: (wasm) => {
      expectIndicesWasm("gatherRows", wasm, indices, rows);
      return gatherRowsWasm(wasm, x, indices, factors, { rows: count, width });
    },
    webgpu: (gpu) => {
      checkIndices(gpu, "gatherRows", "indices", indices, rows);
      return gatherRowsWebGpu(gpu, x, indices, factors, { rows: count, width });
    },
  });
}

/**
 * The matrix that has the given rows, and zeros elsewhere: `out[indices[r], j] = rows[r, j]`.
 *
 * @param rows [count, width].
 * @param indices [count], u32, ascending: where each row goes, counted through all axes of `shape` but the last.
 * @param shape [..., width], of the result.
 * @returns a new tensor of that shape, the caller's to dispose.
 * @throws ShapeError where shapes or types do not fit, unless the indices ascend, and for an index that is no row (the
 *   indices on WebGPU by the next read); DeviceError where the devices differ.
 */
export function scatterRows(rows: Tensor, indices: Tensor, shape: readonly number[]): Tensor {
  expectFloats("scatterRows", { rows });
  expectType("scatterRows", "indices", indices, "u32");
  const [count] = expectShape("scatterRows", "indices", indices, ["count"]) as [number];
  const width = shape.at(-1);
  if (width === undefined) throw new ShapeError("scatterRows: expected a shape [..., width], got []");
  expectShape("scatterRows", "rows", rows, [count, width]);
  const height = sizeOf(shape.slice(0, -1));
  return onDevice(commonDevice("scatterRows", rows, indices), {
    wasm: (wasm) => {
      expectIndicesWasm("scatterRows", wasm, indices, height, { ascending: true });
      return scatterRowsWasm(wasm, rows, indices, shape, { rows: count, width });
    },
    webgpu: (gpu) => {
      checkIndices(gpu, "scatterRows", "indices", indices, height, { ascending: true });
      return scatterRowsWebGpu(gpu, rows, indices, shape, { rows: count, width });
    },
  });
}
