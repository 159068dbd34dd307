import type { Tensor, WasmDevice } from "@sus/tensor";

/** The addresses of tensors, in order. */
export function pointers<T extends readonly Tensor[]>(
  device: WasmDevice,
  ...tensors: T
): { [I in keyof T]: number } {
  return tensors.map((tensor) => device.pointer(tensor)) as { [I in keyof T]: number };
}
