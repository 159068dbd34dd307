/** Whether there is a Chromium to run pages in; in CI there has to be one. */
export declare const hasChromium: boolean;

/**
 * Bundles a module from the sources into a page that is served cross-origin isolated, opens it in Chromium with WebGPU on
 * the software adapter, calls the module's `run` and returns what that resolves to; throws what it rejects with.
 *
 * @param entry the module's path.
 */
export declare function runInPage(entry: string): Promise<unknown>;
