import { fileURLToPath } from "node:url";
import { hasChromium, runInPage } from "@sus/build/page";
import { expect, test } from "vitest";
import type { PageReport } from "./page.ts";

// Without Chromium a contributor still gets the rest of the tests; CI must have it.
test.runIf(hasChromium)(
  "a transformer trains on WebGPU in Chromium as it does on the processor",
  async () => {
    const entry = fileURLToPath(new URL("./page.ts", import.meta.url));
    const { devices, losses } = (await runInPage(entry)) as PageReport;
    expect(devices.webgpu).toMatch(/^webgpu, /);
    expect(devices.wasm).toMatch(/^wasm, /);
    for (const { wasm, webgpu } of Object.values(losses)) {
      expect(webgpu).toHaveLength(wasm.length);
      expect(webgpu.at(-1)!).toBeLessThan(webgpu[0]! - 0.3);
      for (const [step, loss] of webgpu.entries())
        expect(Math.abs(loss / wasm[step]! - 1)).toBeLessThan(1e-4);
    }
  },
);
