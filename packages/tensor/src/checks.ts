import type { Device } from "./device/device.ts";
import { DeviceError, ShapeError } from "./errors.ts";
import type { DType, Tensor } from "./tensor.ts";
import { WasmDevice } from "./wasm/device.ts";
import { WebGpuDevice } from "./webgpu/device.ts";

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

/** A tensor seen as rows along its last axis. */
export interface Rows {
  readonly rows: number;
  readonly width: number;
}

/**
 * The rows of a tensor of at least one axis. Throws `ShapeError`, in the form `addBias: expected x of shape [..., 4],
 * got [2, 3]`, unless its last axis has this length; a name fits anything.
 */
export function expectRows(operation: string, name: string, tensor: Tensor, width: Length): Rows {
  const last = tensor.shape.at(-1);
  if (last === undefined || (typeof width === "number" && last !== width)) {
    throw new ShapeError(
      `${operation}: expected ${name} of shape [..., ${width}], got [${tensor.shape.join(", ")}]`,
    );
  }
  return { rows: tensor.shape.slice(0, -1).reduce((rows, length) => rows * length, 1), width: last };
}

/** Throws `ShapeError` unless the elements of all the named tensors are float32. */
export function expectFloats(operation: string, tensors: Readonly<Record<string, Tensor>>): void {
  for (const [name, tensor] of Object.entries(tensors)) expectType(operation, name, tensor, "f32");
}

/** Throws `ShapeError` unless `value` is a number within the bounds. */
export function expectNumber(
  operation: string,
  name: string,
  value: number,
  { above, atLeast, below }: { above?: number; atLeast?: number; below?: number } = {},
): void {
  const fits =
    Number.isFinite(value) &&
    (above === undefined || value > above) &&
    (atLeast === undefined || value >= atLeast) &&
    (below === undefined || value < below);
  if (fits) return;
  const bounds = [
    above !== undefined && `above ${above}`,
    atLeast !== undefined && `of at least ${atLeast}`,
    below !== undefined && `below ${below}`,
  ].filter((bound) => bound !== false);
  throw new ShapeError(
    `${operation}: expected ${name} to be a number ${bounds.join(" and ")}, got ${value}`.replace("  ", " "),
  );
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
  implementations: {
    readonly wasm: (device: WasmDevice) => R;
    readonly webgpu?: (device: WebGpuDevice) => R;
  },
): R {
  if (device instanceof WasmDevice) return implementations.wasm(device);
  if (device instanceof WebGpuDevice && implementations.webgpu) return implementations.webgpu(device);
  throw new DeviceError(`expected a device that has this operation, got ${device.name}`);
}
