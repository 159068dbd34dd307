import { DeviceError } from "../errors.ts";

/** Names of adapters that run on the processor, where the flag does not say so. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|basic render/i;

/** An adapter, or why there is none. */
export type AdapterSearch =
  | { readonly adapter: GPUAdapter; readonly software: boolean }
  | { readonly reason: string };

/** Looks for an adapter, the fastest first. Never throws. */
export async function findAdapter(gpu: GPU | undefined): Promise<AdapterSearch> {
  if (gpu === undefined) return { reason: "there is no WebGPU here" };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) return { reason: "WebGPU has no adapter here" };
    return { adapter, software: isSoftware(adapter.info) };
  } catch (error) {
    return { reason: `WebGPU failed: ${String(error)}` };
  }
}

/** "nvidia ampere": as much as the browser tells. */
export function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return [vendor, architecture].filter(Boolean).join(" ") || description || device || "unknown adapter";
}

/** Whether an adapter runs on the processor, so that its times mean nothing about a GPU. */
export function isSoftware({
  isFallbackAdapter,
  vendor,
  architecture,
  description,
  device,
}: GPUAdapterInfo): boolean {
  return isFallbackAdapter || softwareNames.test([vendor, architecture, description, device].join(" "));
}

/** The browser's WebGPU, or `undefined`. */
export function globalGpu(): GPU | undefined {
  return (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
}

export interface RequestOptions {
  readonly limits?: Readonly<Record<string, number>>;
  readonly subgroups: boolean;
  readonly profile: boolean | "optional";
}

/** A device with the default limits, or those asked for. */
export async function requestDevice(
  adapter: GPUAdapter,
  { limits = {}, subgroups, profile }: RequestOptions,
): Promise<GPUDevice> {
  const hasTimeStamps = adapter.features.has("timestamp-query");
  if (profile === true && !hasTimeStamps) {
    throw new DeviceError(
      `webgpu: profile needs timestamp-query, which ${nameOf(adapter.info)} does not have`,
    );
  }
  const requiredFeatures: GPUFeatureName[] = [];
  if (subgroups && adapter.features.has("subgroups")) requiredFeatures.push("subgroups");
  if (profile !== false && hasTimeStamps) requiredFeatures.push("timestamp-query");
  try {
    return await adapter.requestDevice({ requiredFeatures, requiredLimits: { ...limits } });
  } catch (error) {
    throw new DeviceError(`webgpu: ${nameOf(adapter.info)} gives no device: ${String(error)}`);
  }
}
