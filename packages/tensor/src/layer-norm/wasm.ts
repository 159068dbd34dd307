import { runSumRows } from "../bias/wasm.ts";
import type { Rows } from "../checks.ts";
import { withOutputs } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { columnGrain, rowGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";
import type { LayerNormGradients, LayerNormResult, LayerNormStatistics } from "./index.ts";

export function layerNormWasm(
  device: WasmDevice,
  x: Tensor,
  gain: Tensor,
  bias: Tensor,
  epsilon: number,
  { rows, width }: Rows,
): LayerNormResult {
  const aRow = x.shape.slice(0, -1);
  const [out, mean, rstd] = withOutputs(device, [x.shape, aRow, aRow], (outputs) => {
    const pointers = [x, gain, bias, ...outputs].map((tensor) => device.pointer(tensor));
    device.run(kernels, "layerNorm", rows, [...pointers, width, epsilon], { grain: rowGrain(width) });
  });
  return { out, mean, rstd };
}

export function layerNormBackwardWasm(
  device: WasmDevice,
  x: Tensor,
  gain: Tensor,
  { mean, rstd }: LayerNormStatistics,
  dOut: Tensor,
  { rows, width }: Rows,
): LayerNormGradients {
  const [dx, dGain, dBias] = withOutputs(device, [x.shape, [width], [width]], ([dx, dGain, dBias]) => {
    const pointers = [x, gain, mean, rstd, dOut, dx].map((tensor) => device.pointer(tensor));
    device.run(kernels, "layerNormBackward", rows, [...pointers, width], { grain: rowGrain(width) });
    const columns = [x, mean, rstd, dOut, dGain].map((tensor) => device.pointer(tensor));
    device.run(kernels, "gainGradient", width, [...columns, rows, width], {
      grain: columnGrain(width, device.threads),
    });
    runSumRows(device, dOut, { rows, width }, dBias);
  });
  return { dx, dGain, dBias };
}
