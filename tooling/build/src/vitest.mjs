import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { kernels } from "@sus/kernels";
import { defineProject } from "vitest/config";

/** Chromium's driver for Vulkan that needs no GPU; Dawn finds it through the environment. */
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
const vulkan = "VK_ICD_FILENAMES";
const env = {
  ...(process.env[vulkan] === undefined && existsSync(softwareDriver) && { [vulkan]: softwareDriver }),
  // Vulkan's loader complains of its absence.
  ...(process.env.XDG_RUNTIME_DIR === undefined && { XDG_RUNTIME_DIR: tmpdir() }),
};

/** Tests run on the sources: no build comes first, and anything printed to the console fails the test. */
export function project(name, options = {}) {
  return defineProject({
    plugins: [kernels()],
    resolve: { conditions: ["@sus/source"] },
    ssr: { resolve: { conditions: ["@sus/source", "node", "module-sync", "default"] } },
    test: {
      name,
      env,
      include: ["{src,test}/**/*.test.ts"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      ...options,
    },
  });
}
