import type { Rows } from "../checks.ts";
import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { columnGrain, rowGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

export function addBiasWasm(device: WasmDevice, x: Tensor, bias: Tensor, { rows, width }: Rows): Tensor {
  return withOutput(device, x.shape, (out) => {
    const pointers = [x, bias, out].map((tensor) => device.pointer(tensor));
    device.run(kernels, "addBias", rows, [...pointers, width], { grain: rowGrain(width) });
  });
}

export function sumRowsWasm(device: WasmDevice, x: Tensor, rows: Rows): Tensor {
  return withOutput(device, [rows.width], (out) => runSumRows(device, x, rows, out));
}

/** Writes the sums over the rows of `x` to `out`. */
export function runSumRows(device: WasmDevice, x: Tensor, { rows, width }: Rows, out: Tensor): void {
  const args = [device.pointer(x), device.pointer(out), rows, width];
  device.run(kernels, "sumRows", width, args, { grain: columnGrain(width, device.threads) });
}
