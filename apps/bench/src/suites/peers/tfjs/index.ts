import type { Library } from "../side.ts";
import { attention } from "./attention.ts";
import { step } from "./step.ts";

/** TensorFlow.js on its WebAssembly backend with SIMD; it does not start threads in Node. */
export const library: Library = { attention, step };
