import { add, openDevice } from "@sus/tensor";

/** A sum on every thread that there is. */
export async function run() {
  using device = await openDevice("wasm", { threads: globalThis.crossOriginIsolated === false ? 1 : 2 });
  const ones = device.tensor(new Float32Array(100_000).fill(1), [100_000]);
  const twos = await add(ones, ones).read();
  return { threads: device.threads, sum: twos.reduce((sum, value) => sum + value) };
}
