import type { DType, TypedArray } from "../tensor.ts";
import type { Commands } from "./commands.ts";
import type { Failures } from "./failures.ts";
import { Faults, faultBytes } from "./faults.ts";
import { type Block, BufferPool, blockOf } from "./pool.ts";
import { bufferUsage, mapRead } from "./usage.ts";

/** Copies elements to the host. Each read also tells what went wrong since the last one. */
export class Reader {
  readonly faults: Faults = new Faults();
  /** Where kernels note wrong indices. */
  readonly faultBlock: Block;
  readonly #failures: Failures;
  readonly #commands: Commands;
  readonly #staging: BufferPool;

  constructor(device: GPUDevice, failures: Failures, commands: Commands) {
    this.#failures = failures;
    this.#commands = commands;
    const { storage, copySource, copyTarget } = bufferUsage;
    const usage = storage | copySource | copyTarget;
    this.faultBlock = blockOf(device.createBuffer({ size: faultBytes, usage, label: "faults" }));
    this.#staging = new BufferPool(device, failures, {
      usage: bufferUsage.mapRead | copyTarget,
      release: () => commands.flush(),
    });
  }

  /**
   * The first `length` elements of a block, after everything that was submitted before. Rejects with what any call
   * before it did wrong, and with a `DeviceError` where the device is lost.
   */
  async read(block: Block, dtype: DType, length: number): Promise<TypedArray> {
    const numbers = this.#stage(block, 4 * length);
    const faults = this.faults.used ? this.#stage(this.faultBlock, faultBytes) : undefined;
    this.#commands.flush();
    const [bytes, noted] = await Promise.all([
      this.#fetch(numbers, 4 * length),
      this.#fetch(faults, faultBytes),
    ]);
    await this.#failures.settle();
    const fault = this.faults.find(new Uint32Array(noted));
    if (fault !== undefined) {
      this.#commands.clear(this.faultBlock.buffer, 0, faultBytes);
      throw fault;
    }
    if (dtype === "f32") return new Float32Array(bytes);
    return dtype === "i32" ? new Int32Array(bytes) : new Uint32Array(bytes);
  }

  /** Destroys the staging buffers that nobody waits for. */
  trim(): void {
    this.#staging.trim();
  }

  destroy(): void {
    this.#staging.destroy();
    this.faultBlock.buffer.destroy();
  }

  #stage(block: Block, bytes: number): Block {
    const staging = this.#staging.take(bytes, `reading ${bytes} bytes`);
    this.#commands.copy(block.buffer, staging.buffer, bytes);
    return staging;
  }

  async #fetch(staging: Block | undefined, bytes: number): Promise<ArrayBuffer> {
    if (staging === undefined) return new ArrayBuffer(0);
    try {
      await this.#failures.wait(staging.buffer.mapAsync(mapRead));
    } catch (error) {
      this.#staging.drop(staging);
      throw error;
    }
    const copy = staging.buffer.getMappedRange().slice(0, bytes);
    staging.buffer.unmap();
    this.#staging.give(staging);
    return copy;
  }
}
