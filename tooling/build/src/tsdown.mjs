import { kernels } from "@sus/kernels";
import { defineConfig } from "tsdown";

/** The build of every package: ESM for Node and browsers, declarations from the annotated exports, kernels inlined. */
export function library(entry, options = {}) {
  return defineConfig({
    entry,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    dts: { oxc: true },
    sourcemap: true,
    fixedExtension: false,
    plugins: [kernels()],
    ...options,
  });
}
