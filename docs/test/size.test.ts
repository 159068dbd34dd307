import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

const entry = fileURLToPath(new URL("entry.js", import.meta.url));

/** The bytes of a program that imports these names, bundled, minified and compressed as a page would load it. */
async function gzipped(names: readonly string[]): Promise<number> {
  const result = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@sus/source"] },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? entry : undefined),
        load: (id) => (id === entry ? `export { ${names.join(", ")} } from "@sus/graph";` : undefined),
      },
    ],
    build: {
      write: false,
      target: "es2024",
      modulePreload: { polyfill: false },
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict" },
    },
  });
  const { output } = (Array.isArray(result) ? result[0]! : result) as Rolldown.RolldownOutput;
  expect(output.length).toBe(1);
  return gzipSync(output[0].code, { level: 9 }).length;
}

test("backward and all cuts, with the designs and the random numbers, are under 3 kB", async () => {
  const cuts = ["bernoulli", "byWeight", "roulette", "fanIn", "rows", "designs"];
  const bytes = await gzipped(["backward", "leaf", "operation", "numbers", "independent", "key", ...cuts]);
  expect(bytes).toBeLessThan(3000);
  // A bundle that lost its contents would pass as well.
  expect(bytes).toBeGreaterThan(1500);
});

test("backward with one cut is under 2 kB", async () => {
  expect(
    await gzipped(["backward", "leaf", "operation", "numbers", "independent", "key", "bernoulli"]),
  ).toBeLessThan(2000);
});
