import { fileURLToPath } from "node:url";
import { hasChromium, runInPage } from "@sus/build/page";
import { expect, test } from "vitest";
import type { PageReport } from "./page.ts";

// Without Chromium a contributor still gets the rest of the tests; CI must have it.
test.runIf(hasChromium)(
  "attention on WebGPU in Chromium has the samples and gradients of the processor",
  { timeout: 180_000 },
  async () => {
    const entry = fileURLToPath(new URL("./page.ts", import.meta.url));
    const { name, cases } = (await runInPage(entry)) as PageReport;
    expect(name).toMatch(/^webgpu, .*subgroups$/);
    const names = ["exact", "bernoulli", "priority", "systematic", "two-stage", "two-stage, full"];
    expect(cases.map(({ name, subgroups }) => [name, subgroups])).toEqual(
      [true, false].flatMap((subgroups) => names.map((each) => [each, subgroups])),
    );
    for (const { name, entries, errors, different } of cases) {
      expect(entries > 0).toBe(name !== "exact");
      // These seeds bring no entry within rounding of its threshold.
      expect([name, different]).toEqual([name, 0]);
      for (const [of, error] of Object.entries(errors)) {
        expect(error, `${of}, ${name}`).toBeLessThanOrEqual(2e-5);
      }
    }
  },
);
