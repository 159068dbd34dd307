import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { programOf, withChecks } from "./blocks.ts";

const suffix = ".md?run";
const moduleSuffix = ".md.page.ts";
const checkFile = fileURLToPath(new URL("./check.ts", import.meta.url));

/** `import("./page.md?run")` runs the TypeScript of a page, and checks what its comments promise. */
export function pages(): Plugin {
  return {
    name: "sus-pages",
    enforce: "pre",
    resolveId(source, importer) {
      if (!source.endsWith(suffix) || importer === undefined) return undefined;
      const page = resolve(dirname(importer), source.slice(0, -suffix.length));
      return page + moduleSuffix;
    },
    async load(id) {
      if (!id.endsWith(moduleSuffix)) return undefined;
      const page = `${id.slice(0, -moduleSuffix.length)}.md`;
      this.addWatchFile(page);
      const program = withChecks(programOf(await readFile(page, "utf8")));
      return `${program}\nimport { check } from ${JSON.stringify(checkFile)};\nexport {};\n`;
    },
  };
}
