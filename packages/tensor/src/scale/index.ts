import { commonDevice, expectFloats, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { scaleWasm } from "./wasm.ts";
import { scaleWebGpu } from "./webgpu.ts";

export interface ScaleOptions {
  /** Where to write the product, instead of a new tensor: `x` itself scales in place. */
  readonly out?: Tensor;
}

/**
 * The product `factor · x`, element by element.
 *
 * @param x any shape.
 * @param factor a number, rounded to float32, or a tensor [1], which is not read back.
 * @returns that shape: `options.out` where given, else a new tensor, the caller's to dispose.
 * @throws ShapeError where the shapes do not fit, DeviceError where the devices differ.
 */
export function scale(x: Tensor, factor: number | Tensor, { out }: ScaleOptions = {}): Tensor {
  expectFloats("scale", { x, ...(out ? { out } : {}) });
  if (out) expectShape("scale", "out", out, x.shape);
  const tensors = out ? [out] : [];
  if (typeof factor !== "number") {
    expectFloats("scale", { factor });
    expectShape("scale", "factor", factor, [1]);
    tensors.push(factor);
  }
  return onDevice(commonDevice("scale", x, ...tensors), {
    wasm: (device) => scaleWasm(device, x, factor, out),
    webgpu: (device) => scaleWebGpu(device, x, factor, out),
  });
}
