import { withOutput, withOutputs } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain, expScratchBytes } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";
import type { SwigluGradients } from "./index.ts";

const options = { scratchBytes: expScratchBytes, grain: elementGrain };

export function swigluWasm(device: WasmDevice, gate: Tensor, up: Tensor): Tensor {
  return withOutput(device, gate.shape, (out) => {
    const args = [gate, up, out].map((tensor) => device.pointer(tensor));
    device.run(kernels, "swiglu", gate.size, args, options);
  });
}

export function swigluBackwardWasm(
  device: WasmDevice,
  gate: Tensor,
  up: Tensor,
  dOut: Tensor,
): SwigluGradients {
  const [dGate, dUp] = withOutputs(device, [gate.shape, gate.shape], (outputs) => {
    const args = [gate, up, dOut, ...outputs].map((tensor) => device.pointer(tensor));
    device.run(kernels, "swigluBackward", gate.size, args, options);
  });
  return { dGate, dUp };
}
