import { WebGpuDevice } from "@sus/tensor";
import { isSoftware, nodeGpu } from "@sus/tensor/node";

/** Dawn rounds time stamps to 0.1 ms unless told not to. */
const exactStamps = "disable-dawn-features=timestamp_quantization";
/** Clearing workgroup memory takes a software adapter seconds to compile; a real one is measured as users get it. */
const quickCompilation = "enable-dawn-features=disable_workgroup_init";

export interface Timed extends Disposable {
  readonly device: WebGpuDevice;
  readonly adapter: string;
  /** Its figures mean nothing about a GPU. */
  readonly software: boolean;
}

/** What hinders to measure a GPU here, or `undefined`. */
export async function againstGpu(): Promise<string | undefined> {
  try {
    const adapter = await findAdapter([exactStamps]);
    if (adapter.features.has("timestamp-query")) return undefined;
    return `${describe(adapter.info)} has no timestamp-query, which the times come from`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A device that measures its kernels; the caller's to dispose of, without which the process does not end. */
export async function openTimed(): Promise<Timed> {
  const { info } = await findAdapter([exactStamps]);
  const adapter = describe(info);
  const software = isSoftware(info);
  const flags = software ? [exactStamps, quickCompilation] : [exactStamps];
  const device = await WebGpuDevice.open({ gpu: await nodeGpu(flags), profile: true });
  return { device, adapter, software, [Symbol.dispose]: () => device[Symbol.dispose]() };
}

async function findAdapter(flags: readonly string[]): Promise<GPUAdapter> {
  const gpu = await nodeGpu(flags);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null)
    throw new Error("WebGPU finds no adapter: is there a driver of Vulkan, Metal or D3D12?");
  return adapter;
}

function describe({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return [vendor, architecture, device, description].filter(Boolean).join(" ") || "unknown adapter";
}
