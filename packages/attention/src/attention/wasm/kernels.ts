import type { KernelBinary } from "@sus/tensor";
import binary from "../../../assembly/index.ts?kernels";

/** The kernels of this package. */
export const kernels: KernelBinary = binary;
