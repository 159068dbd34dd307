import { DeviceError } from "../errors.ts";
import type { Failures } from "./failures.ts";

/** A buffer of the pool, or one that the caller brought. */
export interface Block {
  readonly buffer: GPUBuffer;
  /** What the buffer holds: for a pooled one the size of its class. */
  readonly bytes: number;
  /** Names the buffer in the caches of bind groups. */
  readonly id: number;
  /** The last batch of commands that uses it. */
  batch: number;
  /** True where there was no memory for it, which is known some time after it was made. */
  broken: boolean;
}

export interface PoolOptions {
  readonly usage: GPUBufferUsageFlags;
  /** The most bytes that live blocks may take in all. */
  readonly limitBytes?: number;
  /** Called before buffers are destroyed: commands that use them must be submitted, what is cached for them dropped. */
  readonly release: () => void;
}

const smallestBytes = 256;
let blocks = 0;

/** Names a buffer; ids are never used twice. */
export function blockOf(buffer: GPUBuffer): Block {
  return { buffer, bytes: buffer.size, id: ++blocks, batch: 0, broken: false };
}

/**
 * The size class of a block: a power of two or 1.25, 1.5 or 1.75 of one, so that a block is at most a quarter larger than
 * asked for and one that is given back fits what comes next.
 */
export function sizeClass(bytes: number): number {
  if (bytes <= smallestBytes) return smallestBytes;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

/** Buffers of one usage, kept for what comes next when they are given back. */
export class BufferPool {
  peak = 0;
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #options: PoolOptions;
  readonly #idle = new Map<number, Block[]>();
  readonly #live = new Set<Block>();
  #used = 0;
  #reserved = 0;

  constructor(device: GPUDevice, failures: Failures, options: PoolOptions) {
    this.#device = device;
    this.#failures = failures;
    this.#options = options;
  }

  get used(): number {
    return this.#used;
  }

  get reserved(): number {
    return this.#reserved;
  }

  /** A block of at least this many bytes, its contents not set. Throws `DeviceError` where a limit is in the way. */
  take(bytes: number, what: string): Block {
    const size = this.#fitting(bytes, what);
    const block = this.#idle.get(size)?.pop() ?? this.#create(size, what);
    this.#live.add(block);
    this.#used += size;
    this.peak = Math.max(this.peak, this.#used);
    return block;
  }

  give(block: Block): void {
    if (!this.#live.delete(block)) return;
    this.#used -= block.bytes;
    const idle = this.#idle.get(block.bytes);
    if (block.broken) this.#reserved -= block.bytes;
    else if (idle === undefined) this.#idle.set(block.bytes, [block]);
    else idle.push(block);
  }

  /** Takes a block out of the pool and destroys it. */
  drop(block: Block): void {
    if (!this.#live.delete(block)) return;
    this.#used -= block.bytes;
    this.#reserved -= block.bytes;
    block.buffer.destroy();
  }

  /** Destroys the blocks that nobody holds. */
  trim(): void {
    if (this.#reserved === this.#used) return;
    this.#options.release();
    for (const block of [...this.#idle.values()].flat()) block.buffer.destroy();
    this.#idle.clear();
    this.#reserved = this.#used;
  }

  /** Destroys all blocks, also those in use. */
  destroy(): void {
    this.trim();
    for (const { buffer } of this.#live) buffer.destroy();
    this.#live.clear();
    this.#used = 0;
    this.#reserved = 0;
  }

  #fitting(bytes: number, what: string): number {
    const largest = this.#device.limits.maxBufferSize;
    const { limitBytes = Number.POSITIVE_INFINITY } = this.#options;
    const size = Math.min(sizeClass(bytes), Math.floor(largest / smallestBytes) * smallestBytes);
    if (size < bytes) {
      throw new DeviceError(
        `webgpu: out of memory, ${what} takes ${megabytes(bytes)} MB and a buffer may have ${megabytes(largest)} MB ` +
          `(maxBufferSize); ask for more by the option limits`,
      );
    }
    if (this.#used + size > limitBytes) {
      throw new DeviceError(
        `webgpu: out of memory, ${what} takes ${megabytes(size)} MB, ${megabytes(this.#used)} MB are in use and the ` +
          `limit is ${megabytes(limitBytes)} MB (memoryBytes)`,
      );
    }
    if (this.#reserved + size > limitBytes && !this.#idle.get(size)?.length) this.trim();
    return size;
  }

  #create(size: number, what: string): Block {
    this.#failures.check();
    const { maxBufferSize } = this.#device.limits;
    const told =
      `${what} takes ${megabytes(size)} MB, ${megabytes(this.#used)} MB are in use and a buffer may have ` +
      `${megabytes(maxBufferSize)} MB`;
    const { usage } = this.#options;
    const block = this.#failures.scoped(
      told,
      () => blockOf(this.#device.createBuffer({ size, usage, label: what })),
      () => {
        block.broken = true;
      },
    );
    this.#reserved += size;
    return block;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 4 : 1);
}
