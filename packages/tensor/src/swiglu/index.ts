import { commonDevice, expectFloats, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { swigluBackwardWasm, swigluWasm } from "./wasm.ts";
import { swigluBackwardWebGpu, swigluWebGpu } from "./webgpu.ts";

export interface SwigluGradients {
  readonly dGate: Tensor;
  readonly dUp: Tensor;
}

/**
 * The gated unit `out = gate · σ(gate) · up`, element by element, with `σ(x) = 1/(1 + e⁻ˣ)`.
 * Source: Shazeer, "GLU Variants Improve Transformer" (2020).
 *
 * @param gate any shape.
 * @param up the shape of `gate`.
 * @returns a new tensor of that shape, the caller's to dispose.
 * @throws ShapeError where the shapes differ, DeviceError where the devices do.
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  expectFloats("swiglu", { gate, up });
  expectShape("swiglu", "up", up, gate.shape);
  return onDevice(commonDevice("swiglu", gate, up), {
    wasm: (device) => swigluWasm(device, gate, up),
    webgpu: (device) => swigluWebGpu(device, gate, up),
  });
}

/**
 * The pullback of `swiglu`, with `σ = σ(gate)`: `dGate = dOut · up · σ · (1 + gate · (1 − σ))` and
 * `dUp = dOut · gate · σ`.
 *
 * @returns new tensors of the shape of `gate`, the caller's to dispose.
 * @throws ShapeError where the shapes differ, DeviceError where the devices do.
 */
export function swigluBackward(gate: Tensor, up: Tensor, dOut: Tensor): SwigluGradients {
  expectFloats("swigluBackward", { gate, up, dOut });
  expectShape("swigluBackward", "up", up, gate.shape);
  expectShape("swigluBackward", "dOut", dOut, gate.shape);
  return onDevice(commonDevice("swigluBackward", gate, up, dOut), {
    wasm: (device) => swigluBackwardWasm(device, gate, up, dOut),
    webgpu: (device) => swigluBackwardWebGpu(device, gate, up, dOut),
  });
}
