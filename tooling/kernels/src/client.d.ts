// What `import kernels from "../assembly/index.ts?kernels"` yields once the plugin has compiled it.
declare module "*?kernels" {
  const kernels: {
    /** Base64 of the WebAssembly module built with 128-bit SIMD. */
    readonly simd: string;
    /** The same kernels built with relaxed SIMD (fused multiply-add), for engines that have it. */
    readonly relaxed: string;
  };
  export default kernels;
}

// A file's text, such as a worker's source or a WGSL kernel.
declare module "*?text" {
  const text: string;
  export default text;
}
