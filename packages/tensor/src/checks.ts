import type { Device } from "./device/device.ts";
import { DeviceError, ShapeError } from "./errors.ts";
import type { DType, Tensor } from "./tensor.ts";
import { WasmDevice } from "./wasm/device.ts";

/** A length, or a name for one that may be anything. */
export type Length = number | string;

/**
 * Throws `ShapeError`, in the form `spmm: expected b of shape [8, k], got [7, 4]`, unless the tensor has this shape;
 * named lengths fit anything. Returns the tensor's shape.
 */
export function expectShape(
  operation: string,
  name: string,
  tensor: Tensor,
  shape: readonly Length[],
): readonly number[] {
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((length, axis) => typeof length === "string" || length === tensor.shape[axis]);
  if (!fits) {
    throw new ShapeError(
      `${operation}: expected ${name} of shape [${shape.join(", ")}], got [${tensor.shape.join(", ")}]`,
    );
  }
  return tensor.shape;
}

/** Throws `ShapeError` unless the tensor's elements are of this type. */
export function expectType(operation: string, name: string, tensor: Tensor, dtype: DType): void {
  if (tensor.dtype !== dtype) {
    throw new ShapeError(`${operation}: expected ${name} of type ${dtype}, got ${tensor.dtype}`);
  }
}

/** The one device of all the tensors. Throws `DeviceError` where they live on several. */
export function commonDevice(operation: string, first: Tensor, ...others: readonly Tensor[]): Device {
  for (const { device } of others) {
    if (device !== first.device) {
      throw new DeviceError(
        `${operation}: expected tensors of one device, got ${first.device.name} and ${device.name}`,
      );
    }
  }
  return first.device;
}

/** Calls the implementation for the device at hand. */
export function onDevice<R>(
  device: Device,
  implementations: { readonly wasm: (device: WasmDevice) => R },
): R {
  if (device instanceof WasmDevice) return implementations.wasm(device);
  throw new DeviceError(`expected a device made by openDevice, got ${device.name}`);
}
