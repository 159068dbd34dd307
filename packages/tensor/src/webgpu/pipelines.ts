import { DeviceError } from "../errors.ts";
import type { Failures } from "./failures.ts";
import { type Access, type Declarations, declarationsOf, type Kernel } from "./kernel.ts";
import type { Block } from "./pool.ts";
import { computeStage } from "./usage.ts";

/** A range of a buffer as a kernel sees it. */
export interface BoundRange {
  readonly block: Block;
  readonly offset: number;
  readonly bytes: number;
}

/** The most cached bind groups of a kernel; they are cheap to make again. */
const groupLimit = 1024;

/** A kernel on one device: its layout, a pipeline for every set of constants, a bind group for every set of buffers. */
export class LoadedKernel {
  readonly declarations: Declarations;
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #label: string;
  readonly #module: GPUShaderModule;
  readonly #groupLayout: GPUBindGroupLayout;
  readonly #layout: GPUPipelineLayout;
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  readonly #groups = new Map<string, GPUBindGroup>();

  constructor(
    device: GPUDevice,
    failures: Failures,
    kernel: Kernel,
    { subgroups, uniformLayout }: { subgroups: boolean; uniformLayout: GPUBindGroupLayout },
  ) {
    this.declarations = declarationsOf(kernel);
    this.#device = device;
    this.#failures = failures;
    this.#label = kernel.label;
    const { label } = kernel;
    const entries = this.declarations.bindings.map((access, binding) => ({
      binding,
      visibility: computeStage,
      buffer: { type: access === "read" ? ("read-only-storage" as const) : ("storage" as const) },
    }));
    const code = subgroups ? kernel.text.subgroups : kernel.text.plain;
    this.#module = failures.scoped(label, () => device.createShaderModule({ label, code }));
    this.#groupLayout = failures.scoped(label, () => device.createBindGroupLayout({ label, entries }));
    const bindGroupLayouts = [this.#groupLayout, uniformLayout];
    this.#layout = failures.scoped(label, () => device.createPipelineLayout({ label, bindGroupLayouts }));
  }

  pipeline(constants: Readonly<Record<string, number>>): GPUComputePipeline {
    const key = JSON.stringify(constants);
    let pipeline = this.#pipelines.get(key);
    if (pipeline === undefined) {
      const compute = { module: this.#module, entryPoint: "main", constants };
      const label = this.#label;
      pipeline = this.#failures.scoped(label, () =>
        this.#device.createComputePipeline({ label, layout: this.#layout, compute }),
      );
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  group(ranges: readonly BoundRange[]): GPUBindGroup {
    this.#checkRanges(ranges);
    const key = ranges.map(({ block, offset, bytes }) => `${block.id}:${offset}:${bytes}`).join();
    let group = this.#groups.get(key);
    if (group === undefined) {
      const entries = ranges.map(({ block, offset, bytes }, binding) => ({
        binding,
        resource: { buffer: block.buffer, offset, size: bytes },
      }));
      const label = this.#label;
      group = this.#failures.scoped(label, () =>
        this.#device.createBindGroup({ label, layout: this.#groupLayout, entries }),
      );
      if (this.#groups.size >= groupLimit) this.#groups.clear();
      this.#groups.set(key, group);
    }
    return group;
  }

  forgetGroups(): void {
    this.#groups.clear();
  }

  /** The GPU would complain later, in its own words. */
  #checkRanges(ranges: readonly BoundRange[]): void {
    const { bindings } = this.declarations;
    if (ranges.length !== bindings.length) {
      throw new DeviceError(`${this.#label}: expected ${bindings.length} bindings, got ${ranges.length}`);
    }
    for (const [i, range] of ranges.entries()) {
      if (bindings[i] === "read") continue;
      const other = ranges.findIndex((each, j) => j !== i && conflict(range, each, bindings[j]!));
      if (other >= 0) {
        throw new DeviceError(
          `${this.#label}: expected bindings of separate memory, ${i} is written and shares that of ${other}`,
        );
      }
    }
  }
}

/** A buffer that is written in a call can't be read in it, not even elsewhere; two written parts of it must lie apart. */
function conflict(written: BoundRange, other: BoundRange, access: Access): boolean {
  return written.block === other.block && (access === "read" || overlap(written, other));
}

function overlap(a: BoundRange, b: BoundRange): boolean {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}
