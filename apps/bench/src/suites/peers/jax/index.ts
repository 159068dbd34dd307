import type { Library } from "../side.ts";
import { attention } from "./attention.ts";
import { step } from "./step.ts";

/** jax-js on its WebAssembly device, which in Node computes on one thread: it makes Web Workers only where there are. */
export const library: Library = { attention, step };
