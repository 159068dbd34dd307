import { commonDevice, expectFloats, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { geluBackwardWasm, geluWasm } from "./wasm.ts";
import { geluBackwardWebGpu, geluWebGpu } from "./webgpu.ts";

/**
 * The Gaussian error linear unit in its tanh form: `out = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`, which differs from
 * `x Φ(x)` by at most 4.8·10⁻⁴. Source: Hendrycks, Gimpel, "Gaussian Error Linear Units" (2016).
 *
 * @param x any shape.
 * @returns a new tensor of that shape, the caller's to dispose.
 */
export function gelu(x: Tensor): Tensor {
  expectFloats("gelu", { x });
  return onDevice(x.device, {
    wasm: (device) => geluWasm(device, x),
    webgpu: (device) => geluWebGpu(device, x),
  });
}

/**
 * The pullback of `gelu`: `dx = dOut · gelu′(x)`, the derivative of the tanh form.
 *
 * @param x the input of the forward pass.
 * @param dOut the shape of `x`.
 * @returns a new tensor of that shape, the caller's to dispose.
 * @throws ShapeError where the shapes differ, DeviceError where the devices do.
 */
export function geluBackward(x: Tensor, dOut: Tensor): Tensor {
  expectFloats("geluBackward", { x, dOut });
  expectShape("geluBackward", "dOut", dOut, x.shape);
  return onDevice(commonDevice("geluBackward", x, dOut), {
    wasm: (device) => geluBackwardWasm(device, x, dOut),
    webgpu: (device) => geluBackwardWebGpu(device, x, dOut),
  });
}
