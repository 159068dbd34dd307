/**
 * Bundles a program from the sources into one file that plain Node runs, for tests of what only a process of its own
 * can show: exit codes, signals, whether it ends by itself. The optional peer `webgpu`, which is a binary, stays outside.
 */
export declare function bundleProgram(entry: string): Promise<AsyncDisposable & { readonly file: string }>;
