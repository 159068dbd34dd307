import { commonDevice, expectFloats, expectRows, expectShape, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { addBiasWasm, sumRowsWasm } from "./wasm.ts";
import { addBiasWebGpu, sumRowsWebGpu } from "./webgpu.ts";

/**
 * A bias added to every row: `out[t, j] = x[t, j] + bias[j]`. Its gradients are the cotangent itself for `x` and
 * `sumRows` of it for `bias`.
 *
 * @param x [..., width].
 * @param bias [width].
 * @returns a new tensor of the shape of `x`, the caller's to dispose.
 * @throws ShapeError where the shapes do not fit, DeviceError where the devices differ.
 */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  expectFloats("addBias", { x, bias });
  const rows = expectRows("addBias", "x", x, "width");
  expectShape("addBias", "bias", bias, [rows.width]);
  return onDevice(commonDevice("addBias", x, bias), {
    wasm: (device) => addBiasWasm(device, x, bias, rows),
    webgpu: (device) => addBiasWebGpu(device, x, bias, rows),
  });
}

/**
 * The sums over all axes but the last: `out[j] = Σ_t x[t, j]`, in a fixed order.
 *
 * @param x [..., width].
 * @returns a new tensor [width], the caller's to dispose.
 * @throws ShapeError where `x` has no axis.
 */
export function sumRows(x: Tensor): Tensor {
  expectFloats("sumRows", { x });
  const rows = expectRows("sumRows", "x", x, "width");
  return onDevice(x.device, {
    wasm: (device) => sumRowsWasm(device, x, rows),
    webgpu: (device) => sumRowsWebGpu(device, x, rows),
  });
}
