import type { WasmDevice } from "@sus/tensor";

/** Runs `use` with blocks of memory of the given lengths in bytes, which are free again afterwards. */
export function borrow<R>(
  device: WasmDevice,
  bytes: readonly number[],
  use: (...pointers: number[]) => R,
): R {
  const pointers: number[] = [];
  try {
    for (const length of bytes) pointers.push(device.allocate(length));
    return use(...pointers);
  } finally {
    for (const pointer of pointers) device.free(pointer);
  }
}
