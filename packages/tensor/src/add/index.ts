import { commonDevice, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { addWasm } from "./wasm.ts";

/**
 * The element-wise sum `a + b`.
 *
 * @param a any shape.
 * @param b the shape of `a`.
 * @returns a new tensor of that shape, the caller's to dispose.
 * @throws ShapeError where the shapes differ, DeviceError where the devices do.
 */
export function add(a: Tensor, b: Tensor): Tensor {
  expectShape("add", "b", b, a.shape);
  return onDevice(commonDevice("add", a, b), { wasm: (device) => addWasm(device, a, b) });
}
