import { fileURLToPath } from "node:url";
import { library } from "@sus/build/tsdown";
import { build } from "tsdown";

/** Where the programs lie while the tests run: inside the package, so that their dependencies resolve. */
export const bundleFolder: string = fileURLToPath(new URL("../node_modules/.sus-test/", import.meta.url));

/** Builds the programs from the sources of all packages, so that tests of the real command need no build before. */
export async function setup(): Promise<void> {
  const source = (name: string) => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
  const config = library(
    { cli: source("cli"), start: source("start") },
    {
      platform: "node",
      target: "node22",
      dts: false,
      outDir: bundleFolder,
      logLevel: "error",
      deps: { alwaysBundle: [/^@sus\//] },
      inputOptions: { resolve: { conditionNames: ["@sus/source", "node", "import", "default"] } },
    },
  );
  await build({ ...config, config: false });
}
