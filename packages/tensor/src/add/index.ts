import { commonDevice, expectFloats, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { addWasm } from "./wasm.ts";
import { addWebGpu } from "./webgpu.ts";

export interface AddOptions {
  /** Where to write the sum, instead of a new tensor: `a` or `b` itself makes it an update in place. */
  readonly out?: Tensor;
}

/**
 * The element-wise sum `a + b`.
 *
 * @param a any shape.
 * @param b the shape of `a`.
 * @returns that shape: `options.out` where given, else a new tensor, the caller's to dispose.
 * @throws ShapeError where the shapes differ, DeviceError where the devices do.
 */
export function add(a: Tensor, b: Tensor, { out }: AddOptions = {}): Tensor {
  expectFloats("add", { a, b, ...(out ? { out } : {}) });
  expectShape("add", "b", b, a.shape);
  if (out) expectShape("add", "out", out, a.shape);
  const device = commonDevice("add", a, b, ...(out ? [out] : []));
  return onDevice(device, {
    wasm: (wasm) => addWasm(wasm, a, b, out),
    webgpu: (gpu) => addWebGpu(gpu, a, b, out),
  });
}
