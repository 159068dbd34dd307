import { kernel, matmul, type WebGpuDevice, wgsl } from "@sus/tensor";
import copyText from "./copy.wgsl?text";
import { type Effort, type KernelTime, measure } from "./measure.ts";
import { uniformOn } from "./uniform.ts";

const copyKernel = kernel("copy", wgsl.index, copyText);
const workgroup = 256;

/** What the adapter can do, measured in the same run. */
export interface Ceilings {
  /** GB/s, read and written, of a copy that no cache holds. */
  readonly copy: number;
  /** GFLOP/s of a large product of square matrices. */
  readonly matmul: number;
}

export interface CeilingSizes {
  /** Of each of two tensors. */
  readonly copyBytes: number;
  /** Rows and columns of both matrices. */
  readonly matmulSide: number;
}

export async function ceilingsOf(
  device: WebGpuDevice,
  { copyBytes, matmulSide }: CeilingSizes,
  effort: Effort,
): Promise<Ceilings> {
  return {
    copy: gigabytesPerSecond(await copyTime(device, copyBytes, effort)),
    matmul: gflops(await matmulTime(device, matmulSide, effort))!,
  };
}

export function gigabytesPerSecond({ bytes, ms }: KernelTime): number {
  return bytes / ms / 1e6;
}

export function gflops({ flops, ms }: KernelTime): number | undefined {
  return flops === undefined ? undefined : flops / ms / 1e6;
}

async function copyTime(device: WebGpuDevice, bytes: number, effort: Effort): Promise<KernelTime> {
  using _ = device.scope();
  const x = uniformOn(device, bytes / 4);
  const out = device.empty([bytes / 4]);
  const workgroups = Math.ceil(bytes / 16 / workgroup);
  const run = () => device.run(copyKernel, { bindings: [out, x], workgroups });
  const [time] = await measure(device, { run, flops: {} }, effort);
  return time!;
}

async function matmulTime(device: WebGpuDevice, side: number, effort: Effort): Promise<KernelTime> {
  using _ = device.scope();
  const [a, b, out] = [
    uniformOn(device, side, side),
    uniformOn(device, side, side),
    device.empty([side, side]),
  ];
  const run = () => matmul(a, b, { out });
  const [time] = await measure(device, { run, flops: { matmul: 2 * side ** 3 } }, effort);
  return time!;
}
