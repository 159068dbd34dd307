import binary from "../../assembly/index.ts?kernels";
import type { KernelBinary } from "./device.ts";

/** The dense kernels of this package. */
export const kernels: KernelBinary = binary;
