import type { Device, MemoryUse, Scope } from "../device/device.ts";
import { ScopeStack } from "../device/scopes.ts";
import { DeviceError, ShapeError } from "../errors.ts";
import { type DType, type Storage, sizeOf, Tensor, type TypedArray } from "../tensor.ts";
import { nameOf } from "./adapter.ts";
import { type Chunk, chunksOf, type TensorRange } from "./chunks.ts";
import { Commands } from "./commands.ts";
import { Constants } from "./constants.ts";
import { Dispatcher, type DispatchOptions } from "./dispatcher.ts";
import { Failures } from "./failures.ts";
import { type Describe, faultBytes } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import { ownDevice, type WebGpuOptions } from "./options.ts";
import type { BoundRange } from "./pipelines.ts";
import { type Block, BufferPool, blockOf } from "./pool.ts";
import { hasLinearSubgroups } from "./probe.ts";
import { Reader } from "./reader.ts";
import { Stopwatch } from "./stopwatch.ts";
import { WebGpuStorage } from "./storage.ts";
import { bufferUsage } from "./usage.ts";

/** A whole tensor or a part of it, as a kernel's binding. */
export type Binding = Tensor | TensorRange;

export interface KernelCall extends DispatchOptions {
  /** The storage bindings of group 0, in order. Those that are written must share no memory with any other. */
  readonly bindings: readonly Binding[];
}

/** A GPU through WebGPU: buffers, kernels in WGSL, and commands that are submitted in batches. */
export class WebGpuDevice implements Device {
  readonly kind = "webgpu";
  readonly name: string;
  readonly reason: string;
  readonly threads = 1;
  readonly device: GPUDevice;
  /** Whether kernels use subgroups. */
  readonly subgroups: boolean;
  /** The most bytes that one binding may have. */
  readonly bindingBytes: number;
  /** The most workgroups of one dimension of a dispatch. */
  readonly workgroupsPerDimension: number;
  readonly #owned: boolean;
  readonly #failures: Failures;
  readonly #commands: Commands;
  readonly #dispatcher: Dispatcher;
  readonly #reader: Reader;
  readonly #pool: BufferPool;
  readonly #constantPool: BufferPool;
  readonly #constants = new Constants();
  readonly #stopwatch: Stopwatch | undefined;
  readonly #wrapped = new WeakMap<GPUBuffer, Block>();
  readonly #scopes = new ScopeStack();
  #disposed = false;

  /** Throws `DeviceError` where there is no WebGPU, no adapter, or no device with what is asked for. */
  static async open(options: WebGpuOptions = {}, reason = "it was asked for"): Promise<WebGpuDevice> {
    const device = options.device ?? (await ownDevice(options));
    const wanted = (options.subgroups ?? true) && device.features.has("subgroups");
    const subgroups = wanted && (await hasLinearSubgroups(device));
    return new WebGpuDevice(device, { ...options, subgroups }, reason);
  }

  private constructor(
    device: GPUDevice,
    {
      device: given,
      subgroups = false,
      profile = false,
      memoryBytes,
      bindingBytes,
      workgroupsPerDimension,
    }: WebGpuOptions,
    reason: string,
  ) {
    const hasTimeStamps = device.features.has("timestamp-query");
    if (profile === true && !hasTimeStamps) {
      throw new DeviceError("webgpu: profile needs a device with timestamp-query");
    }
    this.device = device;
    this.#owned = given === undefined;
    this.reason = reason;
    this.subgroups = subgroups;
    this.name = `webgpu, ${nameOf(device.adapterInfo)}${this.subgroups ? ", subgroups" : ""}`;
    const largest = device.limits.maxStorageBufferBindingSize;
    this.bindingBytes = Math.min(bindingBytes ?? largest, largest);
    const { maxComputeWorkgroupsPerDimension } = device.limits;
    this.workgroupsPerDimension = workgroupsPerDimension ?? maxComputeWorkgroupsPerDimension;
    this.#failures = new Failures(device);
    this.#stopwatch = profile !== false && hasTimeStamps ? new Stopwatch(device, this.#failures) : undefined;
    this.#commands = new Commands(device, this.#failures, this.#stopwatch);
    this.#dispatcher = new Dispatcher(device, this.#failures, this.#commands, {
      subgroups: this.subgroups,
      workgroups: this.workgroupsPerDimension,
      blockOf: (tensor) => this.#block(tensor),
    });
    this.#reader = new Reader(device, this.#failures, this.#commands);
    const { storage, copySource, copyTarget } = bufferUsage;
    const pool = (limitBytes: number) =>
      new BufferPool(device, this.#failures, {
        usage: storage | copySource | copyTarget,
        limitBytes,
        release: () => {
          this.#commands.flush();
          this.#dispatcher.forgetGroups();
        },
      });
    this.#pool = pool(memoryBytes ?? Number.POSITIVE_INFINITY);
    this.#constantPool = pool(Number.POSITIVE_INFINITY);
    this.#failures.onOutOfMemory = () => {
      for (const keeper of [this.#pool, this.#constantPool, this.#reader]) keeper.trim();
    };
  }

  get lost(): boolean {
    return this.#failures.lost;
  }

  get memory(): MemoryUse {
    const reserved = this.#pool.reserved + this.#constantPool.reserved;
    return { used: this.#pool.used, peak: this.#pool.peak, reserved };
  }

  get profiled(): boolean {
    return this.#stopwatch !== undefined;
  }

  get milliseconds(): ReadonlyMap<string, number> {
    return new Map(this.#stopwatch?.milliseconds);
  }

  resetMilliseconds(): void {
    this.#stopwatch?.milliseconds.clear();
  }

  resetPeak(): void {
    this.#pool.peak = this.#pool.used;
  }

  empty(shape: readonly number[], dtype: DType = "f32"): Tensor {
    const bytes = 4 * sizeOf(shape);
    this.#failures.check();
    const block = this.#pool.take(bytes, `a tensor of shape [${shape.join(", ")}]`);
    return this.adopt(new WebGpuStorage(this, block, bytes), shape, dtype);
  }

  zeros(shape: readonly number[], dtype: DType = "f32"): Tensor {
    const tensor = this.empty(shape, dtype);
    this.clear(tensor);
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
    // The queue takes no shared memory.
    const own = data.buffer instanceof ArrayBuffer ? data : data.slice();
    if (data.length > 0) this.#commands.write(this.#block(tensor), own as TypedArray);
    return tensor;
  }

  /**
   * A tensor on a buffer of the caller's, which stays the caller's to destroy: one of this GPU device with the usages
   * STORAGE, COPY_SRC and COPY_DST, whose length is that of whole vectors of 16 bytes.
   *
   * @throws DeviceError where the buffer is too small.
   */
  wrap(buffer: GPUBuffer, shape: readonly number[], dtype: DType = "f32"): Tensor {
    const bytes = 4 * sizeOf(shape);
    const needed = wholeVectors(bytes);
    if (buffer.size < needed) {
      throw new DeviceError(
        `wrap: expected a buffer of at least ${needed} bytes for [${shape.join(", ")}], got ${buffer.size}`,
      );
    }
    const block = this.#wrapped.get(buffer) ?? blockOf(buffer);
    this.#wrapped.set(buffer, block);
    return this.adopt(new WebGpuStorage(this, block, bytes), shape, dtype);
  }

  /** The buffer of a tensor, for the caller's own commands: `flush` before submitting them. */
  buffer(tensor: Tensor): GPUBuffer {
    return this.#block(tensor).buffer;
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

  /** Sets all elements of a tensor to zero. */
  clear(tensor: Tensor): void {
    this.#failures.check();
    const block = this.#block(tensor);
    this.#commands.clear(block.buffer, 0, 4 * tensor.size);
    block.batch = this.#commands.batch;
  }

  /** Runs a kernel, after everything that was run before; returns at once. Errors of the GPU come with the next read. */
  run(kernel: Kernel, call: KernelCall): void {
    this.#failures.check();
    this.#dispatcher.dispatch(kernel, this.#ranges(kernel, call.bindings), call);
  }

  /**
   * Runs a kernel that checks an argument: the records of what is wrong are its last binding, and the uniform `record`
   * says which is this one's (see check-indices.wgsl). The next read throws what was noted: that an index is wrong, or
   * what `describe` makes of the note, eight words of which the first is not 0.
   */
  runCheck(kernel: Kernel, operation: string, name: string, call: KernelCall, describe?: Describe): void {
    this.#failures.check();
    const record = this.#reader.faults.record(operation, name, describe);
    const faults = { block: this.#reader.faultBlock, offset: 0, bytes: faultBytes };
    const ranges = [...this.#ranges(kernel, call.bindings), faults];
    this.#dispatcher.dispatch(kernel, ranges, { ...call, uniforms: { ...call.uniforms, record } });
  }

  /**
   * A tensor [length] of numbers that a kernel needs again and again, such as a table: made and copied when it is first
   * asked for by this name, the device's to dispose. The least recently used ones go when there are too many.
   */
  constant(name: string, make: () => Float32Array<ArrayBuffer>): Tensor {
    return this.#constants.get(name, () => {
      const data = make();
      const bytes = 4 * data.length;
      const block = this.#constantPool.take(bytes, name);
      this.#commands.write(block, data);
      return new Tensor(this, new WebGpuStorage(this, block, bytes), [data.length], "f32");
    });
  }

  /**
   * Rows in chunks that fit into bindings; `widths` are the elements of a row in each tensor that is split with them. `most`
   * bounds the rows of a chunk.
   */
  chunks(operation: string, rows: number, widths: readonly number[], most?: number): readonly Chunk[] {
    return chunksOf(operation, this.bindingBytes, rows, widths, most);
  }

  /** Submits what was run, for commands of the caller's own that come after it. */
  flush(): void {
    this.#failures.check();
    this.#commands.flush();
  }

  async settle(): Promise<void> {
    await this.readBlock(this.#reader.faultBlock, "u32", 0);
  }

  /** For storages. */
  async readBlock(block: Block, dtype: DType, length: number): Promise<TypedArray> {
    this.#failures.check();
    return this.#reader.read(block, dtype, length);
  }

  /** For storages. */
  giveBlock(block: Block): void {
    for (const pool of [this.#pool, this.#constantPool]) pool.give(block);
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#failures.end(new DeviceError("webgpu: the device was disposed"));
    const parts = [this.#pool, this.#constantPool, this.#reader, this.#commands, this.#stopwatch];
    for (const part of parts) part?.destroy();
    if (this.#owned) this.device.destroy();
  }

  #ranges({ label }: Kernel, bindings: readonly Binding[]): BoundRange[] {
    return bindings.map((binding, i) => {
      const { tensor, first, count } =
        binding instanceof Tensor ? { tensor: binding, first: 0, count: binding.size } : binding;
      const bytes = Math.max(16, wholeVectors(4 * count));
      if (bytes > this.bindingBytes) {
        throw new DeviceError(
          `${label}: binding ${i} has ${bytes} bytes and may have ${this.bindingBytes} (maxStorageBufferBindingSize)`,
        );
      }
      return { block: this.#block(tensor), offset: 4 * first, bytes };
    });
  }

  #block(tensor: Tensor): Block {
    const { storage } = tensor;
    if (!(storage instanceof WebGpuStorage) || storage.owner !== this) {
      throw new DeviceError(
        `expected a tensor of this device (${this.name}), got one of ${tensor.device.name}`,
      );
    }
    return storage.block;
  }
}

/** Kernels may see memory as vectors of 16 bytes. */
function wholeVectors(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
