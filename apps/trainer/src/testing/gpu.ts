import { nodeGpu } from "@sus/tensor/node";
import { afterAll, beforeAll } from "vitest";

/** Clearing workgroup memory takes the software adapter seconds to compile; our kernels set what they read. */
const flags = ["enable-dawn-features=disable_workgroup_init"];
const gpu = await nodeGpu(flags).catch(() => undefined);
const adapter = await gpu?.requestAdapter().catch(() => null);

/** Without an adapter a contributor still gets the other tests; CI must have one. */
export const hasGpu: boolean = process.env["CI"] !== undefined || Boolean(adapter);

/** The same GPU as one that has no optional features, as some have it: its devices have the default limits and no more. */
export const bareGpu: Pick<GPU, "requestAdapter"> = {
  requestAdapter: async () => {
    const { info } = adapter!;
    const requestDevice = (wanted?: GPUDeviceDescriptor) => adapter!.requestDevice(wanted);
    return { info, features: new Set<string>(), requestDevice } as unknown as GPUAdapter;
  },
};

/** For the tests of a file or group, gives the process a GPU as a browser has it, which devices are then opened on. */
export function provideGpu(value: Pick<GPU, "requestAdapter"> | undefined = gpu): void {
  beforeAll(() => {
    Object.defineProperty(navigator, "gpu", { value, configurable: true });
  });
  afterAll(() => {
    Reflect.deleteProperty(navigator, "gpu");
  });
}
