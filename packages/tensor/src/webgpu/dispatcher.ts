import { DeviceError } from "../errors.ts";
import { Tensor } from "../tensor.ts";
import type { Commands } from "./commands.ts";
import type { Failures } from "./failures.ts";
import type { Kernel } from "./kernel.ts";
import { type BoundRange, LoadedKernel } from "./pipelines.ts";
import type { Block } from "./pool.ts";

export interface DispatchOptions {
  /** Values of the members of `Uniforms`; the first element of a tensor is copied on the GPU, never read back. */
  readonly uniforms?: Readonly<Record<string, number | Tensor>>;
  /** Values of `override` constants; a pipeline is compiled for every new set. */
  readonly constants?: Readonly<Record<string, number>>;
  /**
   * How many workgroups, in each dimension or in all; a single count above 65,535 is folded into two dimensions, and
   * `linearWorkgroup` (lib/index.wgsl) unfolds it. With none nothing runs.
   */
  readonly workgroups: number | readonly [number, number, number];
}

interface DispatcherOptions {
  readonly subgroups: boolean;
  /** The most workgroups of a dispatch along x, and along y where a call says both. */
  readonly workgroups: number;
  readonly blockOf: (tensor: Tensor) => Block;
}

/** Turns calls of kernels into commands, and keeps what was compiled. */
export class Dispatcher {
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #commands: Commands;
  readonly #subgroups: boolean;
  readonly #workgroups: number;
  readonly #blockOf: (tensor: Tensor) => Block;
  readonly #kernels = new Map<Kernel, LoadedKernel>();

  constructor(
    device: GPUDevice,
    failures: Failures,
    commands: Commands,
    { subgroups, workgroups, blockOf }: DispatcherOptions,
  ) {
    this.#workgroups = workgroups;
    this.#blockOf = blockOf;
    this.#device = device;
    this.#failures = failures;
    this.#commands = commands;
    this.#subgroups = subgroups;
  }

  dispatch(
    kernel: Kernel,
    ranges: readonly BoundRange[],
    { uniforms = {}, constants = {}, workgroups }: DispatchOptions,
  ): void {
    const folded = this.#fold(kernel.label, workgroups);
    if (folded.includes(0)) return;
    const loaded = this.#load(kernel);
    const group = loaded.group(ranges);
    const pipeline = loaded.pipeline(constants);
    const commands = this.#commands;
    commands.prepare();
    const { label } = kernel;
    const fields = loaded.declarations.uniforms;
    const uniformOffset = commands.uniforms.put(label, fields, uniforms);
    for (const [i, { name }] of fields.entries()) {
      const value = uniforms[name];
      if (value instanceof Tensor) commands.copyUniform(this.#blockOf(value), uniformOffset + 4 * i);
    }
    commands.dispatch({ label, pipeline, group, uniformOffset, workgroups: folded });
    for (const { block } of ranges) block.batch = commands.batch;
  }

  /** Bind groups hold on to buffers; this lets go of all. */
  forgetGroups(): void {
    for (const loaded of this.#kernels.values()) loaded.forgetGroups();
  }

  #load(kernel: Kernel): LoadedKernel {
    let loaded = this.#kernels.get(kernel);
    if (loaded === undefined) {
      const { uniformLayout } = this.#commands;
      const options = { subgroups: this.#subgroups, uniformLayout };
      loaded = new LoadedKernel(this.#device, this.#failures, kernel, options);
      this.#kernels.set(kernel, loaded);
    }
    return loaded;
  }

  #fold(label: string, workgroups: DispatchOptions["workgroups"]): readonly [number, number, number] {
    const limit = this.#workgroups;
    if (typeof workgroups === "number") {
      const rows = Math.ceil(workgroups / limit);
      return rows <= 1 ? [workgroups, 1, 1] : [Math.ceil(workgroups / rows), rows, 1];
    }
    if (Math.max(...workgroups) > limit) {
      throw new DeviceError(`${label}: expected at most ${limit} workgroups a dimension, got ${workgroups}`);
    }
    return workgroups;
  }
}
