import type { Device, MemoryUse, Scope } from "../device/device.ts";
import { ScopeStack } from "../device/scopes.ts";
import { DeviceError, ShapeError } from "../errors.ts";
import { type DType, type Storage, sizeOf, Tensor, type TypedArray } from "../tensor.ts";
import { Allocator } from "./allocator.ts";
import { hasRelaxedSimd, hasSimd } from "./features.ts";
import { canShareMemory, createMemory, pageBytes, withSharedMemory } from "./memory.ts";
import { type SharedKernel, ThreadPool } from "./pool.ts";
import { WasmStorage } from "./storage.ts";

/** Two builds of one set of kernels in base64: what a `?kernels` import yields. */
export interface KernelBinary {
  readonly simd: string;
  readonly relaxed: string;
}

export interface RunOptions {
  /** Bytes that each thread gets to itself for the call, 64-byte aligned, not cleared. */
  readonly scratchBytes?: number;
  /** The range is only split at multiples of this; make it the least work that is worth a thread's while. */
  readonly grain?: number;
}

export interface WasmOptions {
  /** Threads that share the work, the caller's among them. Default: the number of cores, 1 where memory can't be shared. */
  readonly threads?: number;
  /** `false` forces the build without relaxed SIMD. Default: what the engine has. */
  readonly relaxed?: boolean;
  /** Measure every kernel; read the sums from `milliseconds`. */
  readonly profile?: boolean | "optional";
}

/** A compiled set of kernels and, for the workers, where its bytes lie in shared memory. */
interface LoadedModule {
  readonly exports: Readonly<Record<string, SharedKernel["call"] | undefined>>;
  readonly place: SharedKernel["module"];
  readonly kernels: Map<string, SharedKernel>;
}

const growthBytes = 16 * 2 ** 20;
/** Parts a thread gets on average: enough to even out parts of unequal work. */
const partsPerThread = 8;

/** The CPU through WebAssembly: one linear memory, kernels that work on pointers into it. */
export class WasmDevice implements Device {
  readonly kind = "wasm";
  readonly name: string;
  readonly reason: string;
  readonly threads: number;
  readonly #relaxed: boolean;
  readonly #memory: WebAssembly.Memory;
  readonly #limitBytes: number;
  readonly #shared: boolean;
  readonly #allocator = new Allocator((minimumEnd) => this.#grow(minimumEnd));
  readonly #modules = new Map<KernelBinary, LoadedModule>();
  readonly #scopes = new ScopeStack();
  readonly #milliseconds: Map<string, number> | undefined;
  #pool: ThreadPool | undefined;
  #kernelCount = 0;
  #disposed = false;

  /** Throws `DeviceError` where the engine lacks WebAssembly SIMD, or what the options ask for. */
  static async open(options: WasmOptions = {}, reason = "it was asked for"): Promise<WasmDevice> {
    const device = new WasmDevice(options, reason);
    if (device.threads > 1) {
      const allocate = (bytes: number) => device.allocate(bytes);
      device.#pool = await ThreadPool.open(device.#memory, device.threads, allocate);
    }
    return device;
  }

  private constructor({ threads, relaxed, profile }: WasmOptions, reason: string) {
    if (!hasSimd()) {
      throw new DeviceError("wasm: expected an engine with WebAssembly SIMD, this one has none");
    }
    this.reason = reason;
    this.#relaxed = relaxed ?? hasRelaxedSimd();
    if (this.#relaxed && !hasRelaxedSimd()) {
      throw new DeviceError("wasm: relaxed SIMD was asked for, this engine does not have it");
    }
    this.threads = resolveThreads(threads);
    this.#shared = this.threads > 1;
    ({ memory: this.#memory, limitBytes: this.#limitBytes } = createMemory(this.#shared));
    this.#milliseconds = profile === undefined || profile === false ? undefined : new Map();
    const build = this.#relaxed ? "relaxed SIMD" : "SIMD";
    this.name = `wasm, ${build}, ${this.threads} ${this.threads === 1 ? "thread" : "threads"}`;
  }

  get lost(): boolean {
    return this.#disposed;
  }

  get memory(): MemoryUse {
    return {
      used: this.#allocator.used,
      peak: this.#allocator.peak,
      reserved: this.#memory.buffer.byteLength,
    };
  }

  get profiled(): boolean {
    return this.#milliseconds !== undefined;
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
    this.register(tensor);
    return tensor;
  }

  register(tensor: Tensor): void {
    this.#scopes.register(tensor);
  }

  scope(): Scope {
    return this.#scopes.open();
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
    if (!(storage instanceof WasmStorage) || storage.owner !== this) {
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
    const kernel = this.#load(kernels, name);
    const { scratchBytes = 0, grain = 1 } = options;
    const chunk = Math.ceil(count / (this.threads * partsPerThread) / grain) * grain;
    const pool = chunk < count ? this.#pool : undefined;
    const stride = Math.ceil(scratchBytes / 64) * 64;
    const scratch = stride > 0 ? this.allocate(stride * (pool?.threads ?? 1)) : 0;
    const start = this.#milliseconds === undefined ? 0 : performance.now();
    try {
      if (pool === undefined) kernel.call(0, count, scratch, ...args);
      else pool.run({ kernel, count, chunk, args, scratch, scratchBytes: stride });
    } finally {
      if (scratch !== 0) this.free(scratch);
    }
    this.#milliseconds?.set(name, (this.#milliseconds.get(name) ?? 0) + performance.now() - start);
  }

  /** Kernels are done when they return. */
  async settle(): Promise<void> {
    if (this.#disposed) throw new DeviceError("wasm: the device was disposed");
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#pool?.end();
    this.#modules.clear();
  }

  #load(binary: KernelBinary, name: string): SharedKernel {
    let module = this.#modules.get(binary);
    if (module === undefined) {
      module = this.#compile(this.#relaxed ? binary.relaxed : binary.simd);
      this.#modules.set(binary, module);
    }
    let kernel = module.kernels.get(name);
    if (kernel === undefined) {
      const call = module.exports[name];
      if (typeof call !== "function") throw new DeviceError(`${name}: no such kernel`);
      const place = this.#place(new TextEncoder().encode(name));
      kernel = { id: ++this.#kernelCount, module: module.place, name: place, call };
      module.kernels.set(name, kernel);
    }
    return kernel;
  }

  #compile(base64: string): LoadedModule {
    const plain = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bytes = this.#shared ? withSharedMemory(plain) : plain;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: this.#memory },
    });
    const exports = instance.exports as LoadedModule["exports"];
    return { exports, place: this.#place(bytes), kernels: new Map() };
  }

  /** Puts bytes where the workers find them, for as long as the device lives. */
  #place(bytes: Uint8Array): SharedKernel["module"] {
    if (!this.#shared) return { address: 0, bytes: 0 };
    const address = this.allocate(bytes.length);
    new Uint8Array(this.#memory.buffer, address, bytes.length).set(bytes);
    return { address, bytes: bytes.length };
  }

  #grow(minimumEnd: number): number {
    const current = this.#memory.buffer.byteLength;
    if (minimumEnd <= current) return current;
    const limit = this.#limitBytes;
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
      `wasm: out of memory, ${tenths(minimumEnd, Math.ceil)} MB were needed in all, ` +
        `${tenths(this.#allocator.used, Math.round)} MB are in use and the limit is ${tenths(limit, Math.floor)} MB`,
    );
  }
}

function resolveThreads(threads: number | undefined): number {
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1)) {
    throw new DeviceError(`wasm: expected threads to be a whole number of at least 1, got ${threads}`);
  }
  if (!canShareMemory()) {
    if (threads !== undefined && threads > 1) {
      throw new DeviceError(
        `wasm: ${threads} threads need shared memory: serve the page cross-origin isolated (COOP and COEP headers)`,
      );
    }
    return 1;
  }
  return threads ?? (globalThis.navigator?.hardwareConcurrency || 1);
}

/** Megabytes to a tenth, rounded so that what does not fit is never shown as what does. */
function tenths(bytes: number, round: (x: number) => number): string {
  return (round((bytes / 2 ** 20) * 10) / 10).toFixed(1);
}
