import type { Rows } from "../checks.ts";
import { withOutputs } from "../device/outputs.ts";
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
  const [out, rstd] = withOutputs(device, [x.shape, x.shape.slice(0, -1)], (outputs) => {
    const pointers = [x, gain, ...outputs].map((tensor) => device.pointer(tensor));
    device.run(kernels, "rmsNorm", rows, [...pointers, width, epsilon], { grain: rowGrain(width) });
  });
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
  const noMeans = 0;
  const [dx, dGain] = withOutputs(device, [x.shape, [width]], ([dx, dGain]) => {
    const pointers = [x, gain, rstd, dOut, dx].map((tensor) => device.pointer(tensor));
    device.run(kernels, "rmsNormBackward", rows, [...pointers, width], { grain: rowGrain(width) });
    const columns = [rstd, dOut, dGain].map((tensor) => device.pointer(tensor));
    device.run(kernels, "gainGradient", width, [device.pointer(x), noMeans, ...columns, rows, width], {
      grain: columnGrain(width, device.threads),
    });
  });
  return { dx, dGain };
}
