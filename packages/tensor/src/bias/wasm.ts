import type { Rows } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { columnGrain, rowGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";

export function addBiasWasm(device: WasmDevice, x: Tensor, bias: Tensor, { rows, width }: Rows): Tensor {
  const out = device.empty(x.shape);
  const pointers = [x, bias, out].map((tensor) => device.pointer(tensor));
  device.run(kernels, "addBias", rows, [...pointers, width], { grain: rowGrain(width) });
  return out;
}

export function sumRowsWasm(
  device: WasmDevice,
  x: Tensor,
  { rows, width }: Rows,
  out: Tensor = device.empty([width]),
): Tensor {
  const args = [device.pointer(x), device.pointer(out), rows, width];
  device.run(kernels, "sumRows", width, args, { grain: columnGrain });
  return out;
}
