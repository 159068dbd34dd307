import type { Device, MemoryUse, Scope } from "../device/device.ts";
import { DeviceError, ShapeError } from "../errors.ts";
import { type DType, type Storage, sizeOf, Tensor, type TypedArray } from "../tensor.ts";
import { Allocator } from "./allocator.ts";
import { hasRelaxedSimd, hasSimd } from "./features.ts";

/** Two builds of one set of kernels in base64: what a `?kernels` import yields. */
export interface KernelBinary {
  readonly simd: string;
  readonly relaxed: string;
}

export interface RunOptions {
  /** Bytes that each thread gets to itself for the call, 64-byte aligned, not cleared. */
  readonly scratchBytes?: number;
  /** The range is only split at multiples of this. */
  readonly grain?: number;
}

type Kernel = (begin: number, end: number, scratch: number, ...args: number[]) => void;

const pageBytes = 65_536;
const maximumPages = 65_536;
const growthBytes = 16 * 2 ** 20;

/** The CPU through WebAssembly: one linear memory, kernels that work on pointers into it. */
export class WasmDevice implements Device {
  readonly kind = "wasm";
  readonly name: string;
  readonly threads = 1;
  readonly #relaxed: boolean;
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages });
  readonly #allocator = new Allocator((minimumEnd) => this.#grow(minimumEnd));
  readonly #exports = new Map<KernelBinary, Readonly<Record<string, Kernel>>>();
  readonly #scopes: OpenScope[] = [];
  readonly #milliseconds: Map<string, number> | undefined;
  #disposed = false;

  /** Throws `DeviceError` where the engine lacks WebAssembly SIMD. `relaxed: false` forces the plain build. */
  constructor(options: { relaxed?: boolean; profile?: boolean } = {}) {
    if (!hasSimd())
      throw new DeviceError("wasm: expected an engine with WebAssembly SIMD, this one has none");
    this.#relaxed = options.relaxed ?? hasRelaxedSimd();
    if (this.#relaxed && !hasRelaxedSimd()) {
      throw new DeviceError("wasm: relaxed SIMD was asked for, this engine does not have it");
    }
    this.#milliseconds = options.profile ? new Map() : undefined;
    this.name = `wasm, ${this.#relaxed ? "relaxed SIMD" : "SIMD"}, 1 thread`;
  }

  get memory(): MemoryUse {
    return {
      used: this.#allocator.used,
      peak: this.#allocator.peak,
      reserved: this.#memory.buffer.byteLength,
    };
  }

  get milliseconds(): ReadonlyMap<string, number> {
    return new Map(this.#milliseconds);
  }

  resetMilliseconds(): void {
    this.#milliseconds?.clear();
  }

  resetPeak(): void {
    this.#allocator.peak = this.#allocator.used;
  }

  empty(shape: readonly number[], dtype: DType = "f32"): Tensor {
    const bytes = sizeOf(shape) * 4;
    return this.adopt(new WasmStorage(this, this.allocate(bytes), bytes), shape, dtype);
  }

  zeros(shape: readonly number[], dtype: DType = "f32"): Tensor {
    const tensor = this.empty(shape, dtype);
    this.view(tensor).fill(0);
    return tensor;
  }

  tensor(data: Float32Array | Int32Array | Uint32Array, shape: readonly number[]): Tensor {
    if (sizeOf(shape) !== data.length) {
      throw new ShapeError(
        `tensor: expected ${sizeOf(shape)} elements for [${shape.join(", ")}], got ${data.length}`,
      );
    }
    const dtype = data instanceof Float32Array ? "f32" : data instanceof Int32Array ? "i32" : "u32";
    const tensor = this.empty(shape, dtype);
    this.view(tensor).set(data);
    return tensor;
  }

  adopt(storage: Storage, shape: readonly number[], dtype: DType): Tensor {
    const tensor = new Tensor(this, storage, shape, dtype);
    this.#scopes.at(-1)?.add(tensor);
    return tensor;
  }

  scope(): Scope {
    const scope = new OpenScope(() => {
      if (this.#scopes.at(-1) !== scope) throw new DeviceError("scope: an inner scope is still open");
      this.#scopes.pop();
    });
    this.#scopes.push(scope);
    return scope;
  }

  /** The address of a block of the memory, to be given to `free`. For scratch; tensors free themselves. */
  allocate(bytes: number): number {
    if (this.#disposed) throw new DeviceError("wasm: the device was disposed");
    return this.#allocator.allocate(bytes);
  }

  free(pointer: number): void {
    this.#allocator.free(pointer);
  }

  /** The address of a tensor's first element. Throws `DeviceError` for a tensor of another device. */
  pointer(tensor: Tensor): number {
    const { storage } = tensor;
    if (!(storage instanceof WasmStorage) || storage.device !== this) {
      throw new DeviceError(
        `expected a tensor of this device (${this.name}), got one of ${tensor.device.name}`,
      );
    }
    return storage.pointer;
  }

  /** A window on a tensor's elements, valid until the next allocation. */
  view(tensor: Tensor): TypedArray {
    return this.viewAt(tensor.dtype, this.pointer(tensor), tensor.size);
  }

  /** A window on `length` elements from an address, valid until the next allocation. */
  viewAt(dtype: DType, pointer: number, length: number): TypedArray {
    const buffer = this.#memory.buffer as ArrayBuffer;
    if (dtype === "f32") return new Float32Array(buffer, pointer, length);
    return dtype === "i32"
      ? new Int32Array(buffer, pointer, length)
      : new Uint32Array(buffer, pointer, length);
  }

  /**
   * Runs the exported kernel `name(begin, end, scratch, ...args)` over [0, count), possibly in several parts on
   * several threads: a kernel's results must not depend on how the range is split.
   */
  run(
    kernels: KernelBinary,
    name: string,
    count: number,
    args: readonly number[],
    options: RunOptions = {},
  ): void {
    if (this.#disposed) throw new DeviceError(`${name}: the device was disposed`);
    const kernel = this.#load(kernels)[name];
    if (kernel === undefined) throw new DeviceError(`${name}: no such kernel`);
    const scratch = options.scratchBytes ? this.allocate(options.scratchBytes) : 0;
    const start = this.#milliseconds === undefined ? 0 : performance.now();
    try {
      kernel(0, count, scratch, ...args);
    } finally {
      if (scratch !== 0) this.free(scratch);
    }
    this.#milliseconds?.set(name, (this.#milliseconds.get(name) ?? 0) + performance.now() - start);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#exports.clear();
  }

  #load(binary: KernelBinary): Readonly<Record<string, Kernel>> {
    const loaded = this.#exports.get(binary);
    if (loaded !== undefined) return loaded;
    const base64 = this.#relaxed ? binary.relaxed : binary.simd;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: this.#memory },
    });
    const exports = instance.exports as unknown as Record<string, Kernel>;
    this.#exports.set(binary, exports);
    return exports;
  }

  #grow(minimumEnd: number): number {
    const current = this.#memory.buffer.byteLength;
    if (minimumEnd <= current) return current;
    const limit = maximumPages * pageBytes;
    const wanted = Math.min(limit, Math.max(minimumEnd, current + Math.max(growthBytes, current >> 2)));
    for (const end of [wanted, minimumEnd]) {
      const pages = Math.ceil((end - current) / pageBytes);
      try {
        if (end <= limit) this.#memory.grow(pages);
        if (this.#memory.buffer.byteLength >= minimumEnd) return this.#memory.buffer.byteLength;
      } catch {
        // The engine refused this much: try the least that is needed, then say so.
      }
    }
    throw new DeviceError(
      `wasm: out of memory, ${megabytes(minimumEnd)} MB were needed in all, ` +
        `${megabytes(this.#allocator.used)} MB are in use and the limit is ${megabytes(limit)} MB`,
    );
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

class WasmStorage implements Storage {
  readonly device: WasmDevice;
  readonly pointer: number;
  readonly bytes: number;
  #owners = 1;

  constructor(device: WasmDevice, pointer: number, bytes: number) {
    this.device = device;
    this.pointer = pointer;
    this.bytes = bytes;
  }

  async read(dtype: DType, length: number): Promise<TypedArray> {
    return this.device.viewAt(dtype, this.pointer, length).slice();
  }

  retain(): void {
    this.#owners++;
  }

  release(): void {
    if (--this.#owners === 0) this.device.free(this.pointer);
  }
}

class OpenScope implements Scope {
  readonly #tensors = new Set<Tensor>();
  readonly #close: () => void;

  constructor(close: () => void) {
    this.#close = close;
  }

  add(tensor: Tensor): void {
    this.#tensors.add(tensor);
  }

  keep(tensor: Tensor): Tensor {
    this.#tensors.delete(tensor);
    return tensor;
  }

  [Symbol.dispose](): void {
    this.#close();
    for (const tensor of this.#tensors) tensor[Symbol.dispose]();
    this.#tensors.clear();
  }
}
