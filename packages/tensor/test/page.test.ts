import { fileURLToPath } from "node:url";
import { hasChromium, runInPage } from "@sus/build/page";
import { expect, test } from "vitest";
import { graphCases } from "./graph-cases.ts";
import type { PageReport } from "./page.ts";

// Without Chromium a contributor still gets the rest of the tests; CI must have it.
test.runIf(hasChromium)("every operation runs on WebGPU in Chromium", async () => {
  const entry = fileURLToPath(new URL("./page.ts", import.meta.url));
  const { name, auto, errors, sameBits } = (await runInPage(entry)) as PageReport;
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
});
