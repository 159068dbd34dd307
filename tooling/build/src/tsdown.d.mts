import type { UserConfig } from "tsdown";
/** The build of every package: ESM for Node and browsers, declarations from the annotated exports, kernels inlined. */
export declare function library(entry: Record<string, string>, options?: UserConfig): UserConfig;
