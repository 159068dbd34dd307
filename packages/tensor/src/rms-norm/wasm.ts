import type { Rows } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { columnGrain, rowGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";
import type { RmsNormGradients, RmsNormResult } from "./index.ts";

export function rmsNormWasm(
  device: WasmDevice,
  x: Tensor,
  gain: Tensor,
  epsilon: number,
  { rows, width }: Rows,
): RmsNormResult {
  const [out, rstd] = [device.empty(x.shape), device.empty(x.shape.slice(0, -1))];
  const pointers = [x, gain, out, rstd].map((tensor) => device.pointer(tensor));
  device.run(kernels, "rmsNorm", rows, [...pointers, width, epsilon], { grain: rowGrain(width) });
  return { out, rstd };
}

export function rmsNormBackwardWasm(
  device: WasmDevice,
  x: Tensor,
  gain: Tensor,
  rstd: Tensor,
  dOut: Tensor,
  { rows, width }: Rows,
): RmsNormGradients {
  const [dx, dGain] = [device.empty(x.shape), device.empty([width])];
  const pointers = [x, gain, rstd, dOut, dx].map((tensor) => device.pointer(tensor));
  device.run(kernels, "rmsNormBackward", rows, [...pointers, width], { grain: rowGrain(width) });
  const [xAt, rstdAt, dOutAt, dGainAt] = [x, rstd, dOut, dGain].map((tensor) => device.pointer(tensor));
  const columns = [xAt!, 0, rstdAt!, dOutAt!, dGainAt!, rows, width];
  device.run(kernels, "gainGradient", width, columns, { grain: columnGrain });
  return { dx, dGain };
}
