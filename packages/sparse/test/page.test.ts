import { fileURLToPath } from "node:url";
import { hasChromium, runInPage } from "@sus/build/page";
import { expect, test } from "vitest";
import { shapes } from "./matrices.ts";
import type { PageReport } from "./page.ts";

// Without Chromium a contributor still gets the rest of the tests; CI must have it.
test.runIf(hasChromium)("every operation runs on WebGPU in Chromium", async () => {
  const entry = fileURLToPath(new URL("./page.ts", import.meta.url));
  const { name, errors, wrong } = (await runInPage(entry)) as PageReport;
  expect(name).toMatch(/^webgpu, .*subgroups$/);
  expect(wrong).toEqual([]);
  expect(errors.map(([shape, subgroups]) => [shape, subgroups])).toEqual(
    [true, false].flatMap((subgroups) => shapes.map((shape) => [shape.name, subgroups])),
  );
  // A row of 3000 terms sums to some 40, and one product of 24 terms to some 5.
  expect(errors.filter(([, , sddmm, spmm]) => !(sddmm <= 2e-6 && spmm <= 2e-5))).toEqual([]);
});
