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

/** Runs `make`, which calls `own` on each thing it makes: where it throws, those made so far are disposed. */
export function allOrNothing<R>(make: (own: <D extends Disposable>(made: D) => D) => R): R {
  const made: Disposable[] = [];
  try {
    return make((one) => {
      made.push(one);
      return one;
    });
  } catch (error) {
    for (const one of made) one[Symbol.dispose]();
    throw error;
  }
}
