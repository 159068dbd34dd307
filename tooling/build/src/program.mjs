import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernels } from "@sus/kernels";
import { build } from "vite";

/**
 * Bundles a program from the sources into one file that plain Node runs, for tests of what only a process of its own
 * can show: exit codes, signals, whether it ends by itself. The optional peer `webgpu`, which is a binary, stays outside.
 */
export async function bundleProgram(entry) {
  const folder = await mkdtemp(join(tmpdir(), "sus-program-"));
  await build({
    configFile: false,
    logLevel: "error",
    plugins: [kernels()],
    resolve: { conditions: ["@sus/source"] },
    ssr: {
      noExternal: true,
      external: ["webgpu"],
      resolve: { conditions: ["@sus/source", "node", "module-sync", "default"] },
    },
    build: {
      ssr: entry,
      outDir: folder,
      minify: false,
      rolldownOptions: { output: { entryFileNames: "program.mjs" } },
    },
  });
  return {
    file: join(folder, "program.mjs"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
