import type { Rows } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { rowGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

export function rowNormsWasm(device: WasmDevice, x: Tensor, { rows, width }: Rows): Tensor {
  const out = device.empty([rows]);
  const args = [device.pointer(x), device.pointer(out), width];
  device.run(kernels, "rowNorms", rows, args, { grain: rowGrain(width) });
  return out;
}

/** `rows` are those to gather. */
export function gatherRowsWasm(
  device: WasmDevice,
  x: Tensor,
  indices: Tensor,
  factors: Tensor | undefined,
  { rows, width }: Rows,
): Tensor {
  const out = device.empty([rows, width]);
  const scaling = factors === undefined ? 0 : device.pointer(factors);
  const args = [device.pointer(x), device.pointer(indices), scaling, device.pointer(out), width];
  device.run(kernels, "gatherRows", rows, args, { grain: rowGrain(width) });
  return out;
}

/** `rows` are those to scatter. */
export function scatterRowsWasm(
  device: WasmDevice,
  x: Tensor,
  indices: Tensor,
  shape: readonly number[],
  { rows, width }: Rows,
): Tensor {
  const out = device.zeros(shape);
  const args = [device.pointer(x), device.pointer(indices), device.pointer(out), width];
  device.run(kernels, "scatterRows", rows, args, { grain: rowGrain(width) });
  return out;
}

/** Throws `ShapeError` unless all indices are below `rows` and, where it is asked for, each above the one before. */
export function expectIndicesWasm(
  operation: string,
  device: WasmDevice,
  indices: Tensor,
  rows: number,
  { ascending = false }: { ascending?: boolean } = {},
): void {
  const view = device.view(indices);
  for (let r = 0; r < view.length; r++) {
    if (view[r]! >= rows) {
      throw new ShapeError(`${operation}: expected indices below ${rows}, got ${view[r]} at ${r}`);
    }
    if (ascending && r > 0 && view[r]! <= view[r - 1]!) {
      throw new ShapeError(`${operation}: expected indices that ascend, got ${view[r]} after ${view[r - 1]}`);
    }
  }
}
