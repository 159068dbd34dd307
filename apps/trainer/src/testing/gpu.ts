import { nodeGpu } from "@sus/tensor/node";
import { afterAll, beforeAll } from "vitest";

/** Clearing workgroup memory takes the software adapter seconds to compile; our kernels set what they read. */
const flags = ["enable-dawn-features=disable_workgroup_init"];
const gpu = await nodeGpu(flags).catch(() => undefined);
const adapter = await gpu?.requestAdapter().catch(() => null);

/** Without an adapter a contributor still gets the other tests; CI must have one. */
export const hasGpu: boolean = process.env["CI"] !== undefined || Boolean(adapter);

/** For the tests of a file, gives the process a GPU as a browser has it, which devices are then opened on. */
export function provideGpu(): void {
  beforeAll(() => {
    Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  });
  afterAll(() => {
    Reflect.deleteProperty(navigator, "gpu");
  });
}
