/** A plugin for Vite, Vitest, Rolldown and tsdown. */
export interface KernelsPlugin {
  name: string;
  enforce: "pre";
  resolveId(source: string, importer?: string): string | undefined;
  load(id: string): Promise<string | undefined>;
}
/**
 * Inlines what a published file must not fetch. `*?kernels` imports an AssemblyScript entry as two base64 WebAssembly
 * modules, compiled once and cached by content; `*?text` imports a file's text.
 */
export declare function kernels(): KernelsPlugin;
