import { mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { library } from "@sus/build/tsdown";
import { build } from "tsdown";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The built `sus`. */
    readonly cli: string;
  }
}

const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the programs from the sources of all packages, so that tests of the real command need no build before. They
 * lie inside the package, where their dependencies resolve, and go when the tests are over.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(local("../node_modules/.sus-test-"));
  const config = library(
    { cli: local("../src/cli.ts"), start: local("../src/start.ts") },
    {
      cwd: local(".."),
      platform: "node",
      target: "node22",
      dts: false,
      outDir,
      logLevel: "error",
      deps: { alwaysBundle: [/^@sus\//] },
      inputOptions: { resolve: { conditionNames: ["@sus/source", "node", "import", "default"] } },
    },
  );
  await build({ ...config, config: false });
  project.provide("cli", `${outDir}/cli.js`);
  return () => rm(outDir, { recursive: true });
}
