import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { getThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
// The library's build for Node leaves the gradients out.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";

/** Starts the backend, its best build for this engine. Gives the threads that it computes on. */
export async function useWasm(): Promise<number> {
  const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(dirname(main) + sep);
  if (!(await tf.setBackend("wasm"))) throw new Error("tfjs-wasm: expected the backend to start, it did not");
  const threaded = await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT");
  return threaded ? getThreadsCount() : 1;
}

/** The numbers of a tensor, which it disposes. */
export async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const data = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return data;
}
