import type { Device } from "./device/device.ts";
import { DeviceError, ShapeError } from "./errors.ts";

export type DType = "f32" | "i32" | "u32";
export type TypedArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Memory on a device, counted: it is freed when its last tensor is disposed. */
export interface Storage {
  readonly bytes: number;
  /** Copies `length` elements out, once everything submitted before is done. */
  read(dtype: DType, length: number): Promise<TypedArray>;
  retain(): void;
  release(): void;
}

/**
 * A handle on an n-dimensional array, row-major, that lives on a device. Each handle owns one share of its memory
 * and must be disposed once: by `using`, by a `Scope`, or by hand.
 */
export class Tensor implements Disposable {
  readonly device: Device;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly size: number;
  readonly #storage: Storage;
  #disposed = false;

  /** For devices: takes over one share of `storage`. Users call `device.tensor`, `device.zeros` or an operation. */
  constructor(device: Device, storage: Storage, shape: readonly number[], dtype: DType) {
    this.device = device;
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#storage = storage;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** The memory behind the handle. Throws `DeviceError` after dispose. */
  get storage(): Storage {
    if (this.#disposed) {
      throw new DeviceError(`tensor of shape [${this.shape.join(", ")}] was used after it was disposed`);
    }
    return this.#storage;
  }

  /** The numbers, copied to the host. */
  read(): Promise<TypedArray> {
    return this.storage.read(this.dtype, this.size);
  }

  /** A second handle on the same memory, to be disposed on its own. */
  share(): Tensor {
    return this.reshape(this.shape);
  }

  /** A second handle on the same memory with another shape of the same size. */
  reshape(shape: readonly number[]): Tensor {
    if (sizeOf(shape) !== this.size) {
      throw new ShapeError(
        `reshape: expected ${this.size} elements like [${this.shape.join(", ")}], got [${shape.join(", ")}]`,
      );
    }
    const { storage } = this;
    storage.retain();
    return this.device.adopt(storage, shape, this.dtype);
  }

  /** Gives up this handle's share. A second call does nothing. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#storage.release();
  }
}

/** The number of elements of a shape. Throws `ShapeError` unless all lengths are whole and at least 0. */
export function sizeOf(shape: readonly number[]): number {
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new ShapeError(`expected a shape of whole numbers of at least 0, got [${shape.join(", ")}]`);
    }
  }
  return shape.reduce((size, length) => size * length, 1);
}
