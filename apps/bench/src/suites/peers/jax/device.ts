import { availableParallelism } from "node:os";
import { defaultDevice, init, numpy as np } from "@jax-js/jax";

/** The library computes on Web Workers where there are any. */
export const threads: number = typeof Worker === "undefined" ? 1 : availableParallelism();

/** Chooses the WebAssembly device for what follows. */
export async function useWasm(): Promise<void> {
  await init("wasm");
  defaultDevice("wasm");
}

export function arrayOf(data: Float32Array<ArrayBuffer>, shape: readonly number[]): np.Array {
  return np.array(data, { shape: [...shape] });
}

/** The numbers of an array, which it consumes. */
export async function read(array: np.Array): Promise<Float32Array> {
  return (await array.data()) as Float32Array;
}
