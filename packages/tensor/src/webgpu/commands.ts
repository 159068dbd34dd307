import type { Failures } from "./failures.ts";
import type { Block } from "./pool.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { slotBytes, UniformPage } from "./uniforms.ts";
import { bufferUsage, computeStage } from "./usage.ts";

/** Calls of a batch; a full one is submitted, so that the GPU has work while the host goes on. */
const batchCalls = 64;

export interface Call {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly uniformOffset: number;
  readonly workgroups: readonly [number, number, number];
}

/**
 * The commands that are not submitted yet: one encoder, one compute pass for all calls in a row. The queue works in the
 * order of submission, so a block that was given back can be taken again at once.
 */
export class Commands {
  readonly uniforms: UniformPage = new UniformPage(batchCalls);
  readonly uniformLayout: GPUBindGroupLayout;
  /** The number of the batch that is being recorded. */
  batch = 1;
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #stopwatch: Stopwatch | undefined;
  readonly #uniformBuffer: GPUBuffer;
  readonly #uniformGroup: GPUBindGroup;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

  constructor(device: GPUDevice, failures: Failures, stopwatch: Stopwatch | undefined) {
    this.#device = device;
    this.#failures = failures;
    this.#stopwatch = stopwatch;
    const usage = bufferUsage.uniform | bufferUsage.copyTarget;
    this.#uniformBuffer = device.createBuffer({ size: batchCalls * slotBytes, usage, label: "uniforms" });
    const buffer = { type: "uniform" as const, hasDynamicOffset: true };
    this.uniformLayout = device.createBindGroupLayout({
      entries: [{ binding: 0, visibility: computeStage, buffer }],
    });
    this.#uniformGroup = device.createBindGroup({
      layout: this.uniformLayout,
      entries: [{ binding: 0, resource: { buffer: this.#uniformBuffer, size: slotBytes } }],
    });
  }

  /** Makes room for the uniforms of the next call. */
  prepare(): void {
    if (this.uniforms.full) this.flush();
  }

  /** Copies four bytes of a block into the uniforms of the next call. */
  copyUniform(block: Block, offset: number): void {
    this.#close();
    this.#encode().copyBufferToBuffer(block.buffer, 0, this.#uniformBuffer, offset, 4);
    block.batch = this.batch;
  }

  dispatch({ label, pipeline, group, uniformOffset, workgroups }: Call): void {
    const pass = this.#open(label);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.setBindGroup(1, this.#uniformGroup, [uniformOffset]);
    pass.dispatchWorkgroups(...workgroups);
    if (this.#stopwatch !== undefined) this.#close();
  }

  copy(from: GPUBuffer, to: GPUBuffer, bytes: number): void {
    this.#close();
    this.#encode().copyBufferToBuffer(from, 0, to, 0, bytes);
  }

  /** Sets bytes to zero; both numbers are multiples of 4. */
  clear(buffer: GPUBuffer, offset: number, bytes: number): void {
    this.#close();
    this.#encode().clearBuffer(buffer, offset, bytes);
  }

  /** Writes host data to a block; what was recorded before still sees the old contents. */
  write(block: Block, data: ArrayBufferView<ArrayBuffer>): void {
    if (block.batch === this.batch) this.flush();
    this.#failures.scoped("write", () => this.#device.queue.writeBuffer(block.buffer, 0, data));
  }

  /** Submits what is recorded. */
  flush(): void {
    this.#close();
    const encoder = this.#encoder;
    if (encoder === undefined) return;
    this.#encoder = undefined;
    this.batch++;
    const { queue } = this.#device;
    const { bytes } = this.uniforms;
    this.uniforms.clear();
    this.#failures.scoped("submit", () => {
      const finishTiming = this.#stopwatch?.resolve(encoder);
      queue.writeBuffer(this.#uniformBuffer, 0, bytes);
      queue.submit([encoder.finish()]);
      finishTiming?.();
    });
  }

  /** Frees what belongs to the commands; nothing can be recorded after it. */
  destroy(): void {
    this.#encoder = undefined;
    this.#pass = undefined;
    this.#uniformBuffer.destroy();
  }

  #encode(): GPUCommandEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    return this.#encoder;
  }

  #open(label: string): GPUComputePassEncoder {
    this.#pass ??= this.#encode().beginComputePass(this.#stopwatch?.start(label) ?? { label: "kernels" });
    return this.#pass;
  }

  #close(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
