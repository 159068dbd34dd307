/** A plugin for Vite, Vitest, Rolldown and tsdown. */
export interface KernelsPlugin {
  name: string;
  enforce: "pre";
  resolveId(source: string, importer?: string): string | undefined;
  load(id: string): Promise<string | undefined>;
}
/** Compiles `*?kernels` imports (an AssemblyScript entry) to two base64 WebAssembly modules, cached by content. */
export declare function kernels(): KernelsPlugin;
