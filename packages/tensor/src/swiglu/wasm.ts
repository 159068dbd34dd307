import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { elementGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";
import { withOutputs } from "../wasm/outputs.ts";
import type { SwigluGradients } from "./index.ts";

export function swigluWasm(device: WasmDevice, gate: Tensor, up: Tensor): Tensor {
  const out = device.empty(gate.shape);
  const args = [gate, up, out].map((tensor) => device.pointer(tensor));
  device.run(kernels, "swiglu", gate.size, args, { grain: elementGrain });
  return out;
}

export function swigluBackwardWasm(
  device: WasmDevice,
  gate: Tensor,
  up: Tensor,
  dOut: Tensor,
): SwigluGradients {
  const [dGate, dUp] = withOutputs(device, [gate.shape, gate.shape], (outputs) => {
    const args = [gate, up, dOut, ...outputs].map((tensor) => device.pointer(tensor));
    device.run(kernels, "swigluBackward", gate.size, args, { grain: elementGrain });
  });
  return { dGate, dUp };
}
