import { allOrNothing, type DType, type Tensor, type WebGpuDevice } from "@sus/tensor";

/** A new tensor that `fill` has written; where that throws, none is left. */
export function filled(
  device: WebGpuDevice,
  shape: readonly number[],
  fill: (out: Tensor) => void,
  dtype: DType = "f32",
): Tensor {
  return allOrNothing((own) => {
    const out = own(device.empty(shape, dtype));
    fill(out);
    return out;
  });
}
