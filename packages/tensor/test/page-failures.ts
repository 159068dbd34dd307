// A device in a browser that is brought, lost, or has no memory left: what of the tests in Node hangs on the browser.
import { add, matmul, openDevice, type WebGpuDevice } from "../src/index.ts";
import { numbers } from "./numbers.ts";

export interface FailureReport {
  /** What is told where a buffer is larger than one may be, and where the memory allowed is used up. */
  readonly tooLarge: string;
  readonly noMemory: string;
  /** What the read under way when the device is destroyed, and a call after that, are told. */
  readonly reading: string;
  readonly afterwards: string;
  /** What another device computes after that. */
  readonly another: readonly number[];
  /** Of a device that was brought, with the default limits and no features: its result, and whether it lives on. */
  readonly brought: readonly number[];
  readonly outlivesGuest: boolean;
  readonly bindingBytes: number;
}

export async function failures(): Promise<FailureReport> {
  return { ...(await outOfMemory()), ...(await loss()), ...(await guest()) };
}

async function outOfMemory() {
  using device = await open();
  const tooLarge = told(() => device.empty([2 ** 13, 2 ** 13 + 1]));
  using small = await open({ memoryBytes: 2 ** 20 });
  small.empty([2 ** 17]);
  return { tooLarge, noMemory: told(() => small.empty([2 ** 16, 3])) };
}

async function loss() {
  using device = await open();
  const x = device.tensor(numbers(256 * 256, 1), [256, 256]);
  const reading = matmul(matmul(x, x), x).read().then(String, String);
  device.device.destroy();
  const report = { reading: await reading, afterwards: told(() => add(x, x)) };
  using next = await open();
  const one = next.tensor(Float32Array.of(1), [1]);
  return { ...report, another: [...(await add(one, one).read())] };
}

async function guest() {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  let lost = false;
  void device.lost.then(() => {
    lost = true;
  });
  const compute = async () => {
    using opened = (await openDevice("webgpu", { device })) as WebGpuDevice;
    const x = opened.tensor(numbers(64 * 64, 2), [64, 64]);
    const identity = opened.tensor(
      Float32Array.from({ length: 64 * 64 }, (_, i) => Number(i % 65 === 0)),
      [64, 64],
    );
    return [...(await matmul(x, identity).read())].slice(0, 3);
  };
  const brought = await compute();
  // A second guest, so that the first one's end is long past.
  const again = await compute();
  const { maxStorageBufferBindingSize: bindingBytes } = device.limits;
  const outlivesGuest = !lost && String(again) === String(brought);
  device.destroy();
  return { brought, outlivesGuest, bindingBytes };
}

async function open(options: { readonly memoryBytes?: number } = {}): Promise<WebGpuDevice> {
  return (await openDevice("webgpu", options)) as WebGpuDevice;
}

function told(call: () => unknown): string {
  try {
    call();
    return "nothing";
  } catch (error) {
    return String(error);
  }
}
