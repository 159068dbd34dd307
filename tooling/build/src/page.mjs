import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernels } from "@sus/kernels";
import { chromium } from "playwright-core";
import { build, preview } from "vite";

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Whether there is a Chromium to run pages in; in CI there has to be one. */
export const hasChromium = process.env.CI !== undefined || existsSync(executablePath);

/** Clearing workgroup memory takes the software adapter seconds to compile, as in the tests in Node. */
const args = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--enable-dawn-features=disable_workgroup_init",
];

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Bundles a module from the sources into a page that is served cross-origin isolated, opens it in Chromium with WebGPU on
 * the software adapter, calls the module's `run` and returns what that resolves to; throws what it rejects with.
 */
export async function runInPage(entry) {
  const root = await mkdtemp(join(tmpdir(), "sus-page-"));
  try {
    await bundle(root, entry);
    const server = await preview({ root, configFile: false, preview: { port: 0, headers: isolation } });
    const browser = await chromium.launch({ executablePath, args });
    try {
      return await open(browser, server.resolvedUrls?.local[0] ?? "");
    } finally {
      await browser.close();
      await server.close();
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function bundle(root, entry) {
  await writeFile(join(root, "index.html"), '<!doctype html><script type="module" src="./main.js"></script>');
  const main =
    `import { run } from ${JSON.stringify(entry)};\n` +
    "run().then((value) => { globalThis.result = { value }; }, (error) => { globalThis.result = { error: String(error) }; });\n";
  await writeFile(join(root, "main.js"), main);
  await build({
    root,
    configFile: false,
    logLevel: "error",
    plugins: [kernels()],
    resolve: { conditions: ["@sus/source"] },
    build: { target: "es2022", minify: false },
  });
}

async function open(browser, url) {
  const page = await browser.newPage();
  const failed = new Promise((_, reject) => {
    page.on("pageerror", reject);
  });
  await page.goto(url);
  await Promise.race([
    page.waitForFunction("globalThis.result !== undefined", undefined, { timeout: 0 }),
    failed,
  ]);
  const { value, error } = await page.evaluate("globalThis.result");
  if (error !== undefined) throw new Error(error);
  return value;
}
