import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";
import type { AdamwOptions, AdamwState } from "./index.ts";

export function adamwWasm(
  device: WasmDevice,
  { parameter, gradient, m, v }: AdamwState,
  { step, learningRate, beta1, beta2, epsilon, weightDecay }: Required<AdamwOptions>,
): void {
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  const keep = 1 - learningRate * weightDecay;
  const pointers = [parameter, gradient, m, v].map((tensor) => device.pointer(tensor));
  const factors = [beta1, 1 - beta1, beta2, 1 - beta2, stepSize, rootCorrection, epsilon, keep];
  device.run(kernels, "adamw", parameter.size, [...pointers, ...factors], { grain: elementGrain });
}
