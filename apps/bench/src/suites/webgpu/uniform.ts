import { fold, key } from "@sus/graph";
import { randomUniform, type Tensor, type WebGpuDevice } from "@sus/tensor";

/** Numbers uniform on (−1, 1], the same for a shape: constant inputs would flatter caches that compress. */
export function uniformOn(device: WebGpuDevice, ...shape: number[]): Tensor {
  return randomUniform(device, shape, fold(key(1), shape.length), { low: -1, high: 1 });
}

/** Whole numbers below a limit that follow no order, [length]. */
export function indicesBelow(device: WebGpuDevice, length: number, limit: number): Tensor {
  return device.tensor(
    Uint32Array.from({ length }, (_, i) => (i * 7919) % limit),
    [length],
  );
}
