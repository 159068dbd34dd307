import { fileURLToPath } from "node:url";
import { hasChromium, runInPage } from "@sus/build/page";
import { expect, test } from "vitest";
import { graphCases } from "./graph-cases.ts";
import { numbers } from "./numbers.ts";
import type { PageReport } from "./page.ts";

// Without Chromium a contributor still gets the rest of the tests; CI must have it.
test.runIf(hasChromium)("every operation runs on WebGPU in Chromium", async () => {
  const entry = fileURLToPath(new URL("./page.ts", import.meta.url));
  const { name, auto, errors, sameBits, failures } = (await runInPage(entry)) as PageReport;
  expect(name).toMatch(/^webgpu, .*subgroups$/);
  expect(auto[0]).toBe("wasm");
  expect(auto[1]).toMatch(/software/);
  expect(errors.map(([label]) => label)).toEqual([...graphCases, ...graphCases].map(({ label }) => label));
  expect(errors.filter(([, , value, gradient]) => !(value <= 1e-6 && gradient <= 2e-6))).toEqual([]);
  expect(errors.map(([, subgroups]) => subgroups)).toEqual([
    ...graphCases.map(() => true),
    ...graphCases.map(() => false),
  ]);
  expect(sameBits).toBe(true);
  expect(failures).toEqual({
    tooLarge: expect.stringMatching(
      /^DeviceError: webgpu: out of memory, a tensor of shape \[8192, 8193\] takes 256.0 MB and a buffer may have /,
    ),
    noMemory:
      "DeviceError: webgpu: out of memory, a tensor of shape [65536, 3] takes 0.7500 MB, 0.5000 MB are in use and the limit is " +
      "1.0 MB (memoryBytes)",
    reading: expect.stringMatching(/^DeviceError: webgpu: the device was lost \(it was destroyed\)/),
    afterwards: expect.stringMatching(/^DeviceError: .*the device was lost/),
    another: [2],
    brought: [...numbers(64 * 64, 2).slice(0, 3)],
    outlivesGuest: true,
    bindingBytes: 2 ** 27,
  });
});
