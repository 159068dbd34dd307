import type { DType, Storage, Tensor } from "../tensor.ts";

/** Memory of a device in bytes. */
export interface MemoryUse {
  /** Held by live tensors and scratch. */
  readonly used: number;
  /** The largest `used` since the device was opened or `resetPeak` was called. */
  readonly peak: number;
  /** Taken from the system, which is never given back before the device is disposed. */
  readonly reserved: number;
}

/** Owns every tensor made while it is the innermost open scope; disposing it disposes those still alive. */
export interface Scope extends Disposable {
  /** Takes a tensor out of the scope: it outlives it and is the caller's to dispose. */
  keep(tensor: Tensor): Tensor;
}

/**
 * A connector between tensors and the hardware that holds them. Operations call kernels through the concrete device
 * (`WasmDevice`, `WebGpuDevice`), picked by `kind`; they return at once and only `Tensor.read` waits for the numbers.
 */
export interface Device extends Disposable {
  readonly kind: "wasm" | "webgpu";
  /** What runs the kernels, for people and reports: "wasm, relaxed SIMD, 1 thread". */
  readonly name: string;
  /** Why it is this one, for people and reports: what "auto" found. */
  readonly reason: string;
  /** Threads of the processor that run kernels. */
  readonly threads: number;
  /** True once the hardware is gone or the device was disposed of: every call throws, and a new one has to be opened. */
  readonly lost: boolean;
  readonly memory: MemoryUse;
  /** Whether kernels are measured: `profile` was asked for, and could be had. */
  readonly profiled: boolean;
  /** Milliseconds spent in each kernel by name since `resetMilliseconds`; empty unless opened with `profile`, up to the last read. */
  readonly milliseconds: ReadonlyMap<string, number>;
  resetMilliseconds(): void;
  resetPeak(): void;
  /** A tensor whose contents are not yet set. Throws `DeviceError` where it does not fit. */
  empty(shape: readonly number[], dtype?: DType): Tensor;
  /** A tensor of zeros. */
  zeros(shape: readonly number[], dtype?: DType): Tensor;
  /** A tensor that copies `data`; its type follows the array's. Throws `ShapeError` where the lengths differ. */
  tensor(data: Float32Array | Int32Array | Uint32Array, shape: readonly number[]): Tensor;
  /** A handle that takes over one share of `storage`, registered with the innermost scope. */
  adopt(storage: Storage, shape: readonly number[], dtype: DType): Tensor;
  /** Gives a handle that was made by hand to the innermost scope. */
  register(tensor: Tensor): void;
  /**
   * Waits until everything that was called is done. Rejects with what went wrong since the last read, as a read does: on
   * a GPU an index out of range, a lack of memory or the loss of the device are known only then.
   */
  settle(): Promise<void>;
  /** Opens a scope. Scopes nest and close in reverse order: `using step = device.scope()`. */
  scope(): Scope;
}
