import type { WasmDevice } from "./device.ts";

/** Calls `use` with the address of a block of scratch that all threads see, which is freed afterwards. */
export function withBlock<R>(device: WasmDevice, bytes: number, use: (address: number) => R): R {
  const address = device.allocate(bytes);
  try {
    return use(address);
  } finally {
    device.free(address);
  }
}
