import { DeviceError } from "../errors.ts";
import { findAdapter, globalGpu, requestDevice } from "./adapter.ts";

export interface WebGpuOptions {
  /** A device of the caller's, which is never destroyed. Default: one of our own. */
  readonly device?: GPUDevice;
  /** What to ask for a device. Default: the browser's `navigator.gpu`; `@sus/tensor/node` has one for Node. */
  readonly gpu?: GPU;
  /** Limits beyond the defaults of WebGPU, by their names there, for a device of our own. */
  readonly limits?: Readonly<Record<string, number>>;
  /** `false` forces the kernels without subgroups. Default: what the device has. */
  readonly subgroups?: boolean;
  /**
   * Measure every kernel by time stamps, a pass of its own each; read the sums from `milliseconds` after a read. It takes a
   * GPU with timestamp-query: `true` throws where that is missing, "optional" does without (`profiled`). Default: `false`.
   */
  readonly profile?: boolean | "optional";
  /** The most memory that tensors may take, in bytes. Default: no limit but the GPU's. */
  readonly memoryBytes?: number;
  /** The most bytes of one binding, to see what happens beyond. Default: the device's limit. */
  readonly bindingBytes?: number;
  /** The most workgroups of a dispatch along x, to see what happens beyond. Default: the device's limit a dimension. */
  readonly workgroupsPerDimension?: number;
}

/** A device that is not the caller's. Throws `DeviceError` where there is no WebGPU, no adapter, or no such device. */
export async function ownDevice({
  gpu = globalGpu(),
  subgroups = true,
  profile = false,
  limits = {},
}: WebGpuOptions): Promise<GPUDevice> {
  const found = await findAdapter(gpu);
  if ("adapter" in found) return requestDevice(found.adapter, { limits, subgroups, profile });
  const hint = gpu === undefined ? '; in Node take openDevice from "@sus/tensor/node"' : "";
  throw new DeviceError(`webgpu: ${found.reason}${hint}`);
}
