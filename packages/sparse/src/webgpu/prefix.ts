import type { Variants } from "@sus/tensor";
import plain from "./lib/prefix.wgsl?text";
import subgroups from "./lib/prefix-subgroups.wgsl?text";

/** `workgroupPrefix`, for kernels that define WORKGROUP; with and without subgroups. */
export const prefix: Variants = { plain, subgroups };
