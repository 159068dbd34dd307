import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { build, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expected } from "./expected.ts";
import { names, Workshop } from "./workshop.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const required = process.env["CI"] !== undefined;

/** Cross-origin isolated, which is what SharedArrayBuffer takes. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

// Without Chromium a contributor still gets the rest of the tests; CI must have it.
describe.runIf(required || existsSync(executablePath))("built by Vite, in Chromium", () => {
  let workshop: Workshop;
  let browser: Browser;
  beforeAll(async () => {
    workshop = await Workshop.open();
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser.close();
    await workshop[Symbol.asyncDispose]();
  });

  test.each(names)("@sus/%s runs in a page", async (name) => {
    const root = await workshop.install(name, "npm");
    await writeFile(
      join(root, "index.html"),
      '<!doctype html><script type="module" src="./main.js"></script>',
    );
    await writeFile(
      join(root, "main.js"),
      'import { run } from "./program.js";\nrun().then((value) => { globalThis.result = { value }; }, (error) => { globalThis.result = { error: String(error) }; });\n',
    );
    await build({ root, configFile: false, logLevel: "error", build: { target: "es2022" } });
    const server = await preview({ root, configFile: false, preview: { port: 0, headers: isolation } });
    try {
      const page = await browser.newPage();
      await page.goto(server.resolvedUrls?.local[0] ?? "");
      await page.waitForFunction("globalThis.result !== undefined");
      expect(await page.evaluate("globalThis.result")).toEqual({ value: expected[name] });
    } finally {
      await server.close();
    }
  });
});
